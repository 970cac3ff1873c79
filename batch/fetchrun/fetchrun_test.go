package fetchrun

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A folder is a Fetcher of the files below a directory.
type folder string

func (f folder) Fetch(_ context.Context, bucket, key string) (io.ReadCloser, error) {
	file, err := os.Open(filepath.Join(string(f), bucket, key))
	if err != nil {
		return nil, errors.New("An error occurred (404) when calling the GetObject operation: Not Found")
	}
	return file, nil
}

// TestMain lets the test binary be fetch-and-run, to be replaced by what it
// executes.
func TestMain(m *testing.M) {
	if objects := os.Getenv("FETCHRUN_TEST_OBJECTS"); objects != "" {
		os.Exit(Main(context.Background(), os.Args[1:], os.Getenv, os.Environ(), folder(objects),
			os.Getenv("FETCHRUN_TEST_SELF"), os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// fakePsql does as psql does with the connection "refused" and with scripts
// that divide by zero.
const fakePsql = `#!/bin/sh
name=$0
while [ $# -gt 0 ]; do
	case $1 in
	-h) host=$2; shift 2 ;;
	-f) file=$2; shift 2 ;;
	-v) echo "variable $2"; shift 2 ;;
	-p|-d|-U) shift 2 ;;
	-X) shift ;;
	*) echo "psql: warning: extra command-line argument \"$1\" ignored" >&2; shift ;;
	esac
done
if [ "$host" = refused ]; then
	echo 'psql: error: connection to server at "refused", port 5439 failed: Connection refused' >&2
	exit 2
elif [ ! -f "$file" ]; then
	echo "psql: error: $file: No such file or directory" >&2
	exit 1
elif grep -q 1/0 "$file"; then
	echo "psql:$file:2: ERROR:  division by zero" >&2
	exit 3
fi
echo "${name##*/} runs $(cat "$file") with $PGPASSWORD"
`

// unnamed is a script of the published kind: without a #! line, and with its
// arguments given to psql twice.
const unnamed = `export PGPASSWORD=$REDSHIFT_PASSWORD
cmd="psql -h $REDSHIFT_ENDPOINT -p $REDSHIFT_PORT -v ON_ERROR_STOP=1 -v dt=$DATASET_DATE -f $1"
echo $cmd "${@}"
shopt -q extglob
exec $cmd "${@}"
`

// A place has the objects, programs and temporary files of a test.
type place struct {
	t    testing.TB
	dir  string
	env  map[string]string
	args []string
}

func newPlace(t testing.TB) *place {
	p := &place{t: t, dir: t.TempDir()}
	p.env = map[string]string{
		"FETCHRUN_TEST_OBJECTS": p.dir + "/objects",
		"PATH":                  p.dir + "/bin:/usr/bin:/bin",
		"TMPDIR":                p.dir + "/tmp",
		"BATCH_FILE_TYPE":       "script_psql",
		"BATCH_FILE_S3_URL":     "s3://b/run.sh",
		"BATCH_FILE_SQL_S3_URL": "s3://b/sql/good.sql",
		"REDSHIFT_ENDPOINT":     "here", "REDSHIFT_PORT": "5439", "REDSHIFT_PASSWORD": "secret", "DATASET_DATE": "2003-01-02",
	}
	p.args = []string{"myjob.sh"}
	for _, d := range []string{"bin", "tmp", "objects/b/sql"} {
		if err := os.MkdirAll(filepath.Join(p.dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p.write("bin/psql", fakePsql)
	p.write("objects/b/run.sh", unnamed)
	p.write("objects/b/sql/good.sql", "select 1;\n")
	p.write("objects/b/sql/bad.sql", "select 1;\nselect 1/0;\n")
	p.write("objects/b/echo.sh", "#!/bin/sh\necho \"$#: $*\"\nexit 9\n")
	return p
}

func (p *place) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o755); err != nil {
		p.t.Fatal(err)
	}
}

var numbered = regexp.MustCompile(`/tmp/tmp\.\d+`)

// run returns what the program and what replaces it print, with the name of
// the temporary directory as TMP, and the exit status.
func (p *place) run() (stdout, stderr string, status int) {
	p.t.Helper()
	cmd := exec.Command(os.Args[0], p.args...)
	for k, v := range p.env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	slices.Sort(cmd.Env)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	plain := func(s string) string {
		return strings.ReplaceAll(numbered.ReplaceAllString(s, "/tmp/tmp"), p.dir+"/tmp/tmp", "TMP")
	}
	return plain(out.String()), plain(errs.String()), cmd.ProcessState.ExitCode()
}

// left returns how many temporary directories there are.
func (p *place) left() int {
	names, err := os.ReadDir(filepath.Join(p.dir, "tmp"))
	if err != nil {
		p.t.Fatal(err)
	}
	return len(names)
}

const extra = `psql: warning: extra command-line argument "TMP/sql-file-temp" ignored` + "\n"

func echoed(date string) string {
	return "TMP/batch-file-temp -f TMP/sql-file-temp\n" +
		"psql -h here -p 5439 -v ON_ERROR_STOP=1 -v dt=" + date + " -f TMP/sql-file-temp TMP/sql-file-temp\n" +
		"variable ON_ERROR_STOP=1\nvariable dt=" + date + "\n"
}

// The cases are those that were measured with the published scripts.
func TestPublishedCases(t *testing.T) {
	for _, c := range []struct {
		name           string
		change         func(*place)
		stdout, stderr string
		status, left   int
	}{
		{"good script", func(p *place) {}, echoed("2003-01-02") + "psql runs select 1; with secret\n", extra, 0, 1},
		{"no arguments", func(p *place) { p.args = nil }, echoed("2003-01-02") + "psql runs select 1; with secret\n", extra, 0, 1},
		{"empty date", func(p *place) { p.env["DATASET_DATE"] = "" }, echoed("") + "psql runs select 1; with secret\n", extra, 0, 1},
		{"SQL error", func(p *place) { p.env["BATCH_FILE_SQL_S3_URL"] = "s3://b/sql/bad.sql" },
			echoed("2003-01-02"), extra + "psql:TMP/sql-file-temp:2: ERROR:  division by zero\n", 3, 1},
		{"cannot connect", func(p *place) { p.env["REDSHIFT_ENDPOINT"] = "refused" },
			strings.ReplaceAll(echoed("2003-01-02"), "here", "refused"),
			extra + `psql: error: connection to server at "refused", port 5439 failed: Connection refused` + "\n", 2, 1},
		{"extra argument is the file", func(p *place) { p.args = []string{"myjob.sh", "extra"} },
			"TMP/batch-file-temp extra -f TMP/sql-file-temp\n" +
				"psql -h here -p 5439 -v ON_ERROR_STOP=1 -v dt=2003-01-02 -f extra extra TMP/sql-file-temp\n" +
				"variable ON_ERROR_STOP=1\nvariable dt=2003-01-02\n",
			`psql: warning: extra command-line argument "extra" ignored` + "\n" + extra + "psql: error: extra: No such file or directory\n", 1, 1},
		{"SQL object missing", func(p *place) { p.env["BATCH_FILE_SQL_S3_URL"] = "s3://b/sql/none.sql" }, "",
			"download failed: s3://b/sql/none.sql to - An error occurred (404) when calling the GetObject operation: Not Found\n" +
				"fetch_and_run_psql.sh - Failed to download psql S3 script.\n", 1, 0},
		{"SQL URL not set", func(p *place) { delete(p.env, "BATCH_FILE_SQL_S3_URL") }, "",
			"download failed:  to - \"\" is no URL of an object: need s3://bucket/key\n" +
				"fetch_and_run_psql.sh - Failed to download psql S3 script.\n", 1, 0},
		{"script missing", func(p *place) { p.env["BATCH_FILE_S3_URL"] = "s3://b/none" }, "",
			"download failed: s3://b/none to - An error occurred (404) when calling the GetObject operation: Not Found\n" +
				"fetch_and_run_psql.sh - Failed to download S3 script.\n", 1, 0},
		{"kept", func(p *place) {
			p.env["BATCH_FILE_S3_URL"], p.env["KEEP_BATCH_FILE_CONTENTS"] = "s3://b/none", "1"
		}, "",
			"download failed: s3://b/none to - An error occurred (404) when calling the GetObject operation: Not Found\n" +
				"fetch_and_run_psql.sh - Failed to download S3 script.\n", 1, 1},
		{"no type", func(p *place) { p.env["BATCH_FILE_TYPE"] = "" },
			"* BATCH_FILE_TYPE not set, unable to determine type (zip/script) of URL s3://b/run.sh\n\n" + usageText, "", 2, 0},
		{"unknown type", func(p *place) { p.env["BATCH_FILE_TYPE"] = "python" },
			"* Unsupported value for BATCH_FILE_TYPE. Expected (zip/script/script_psql).\n\n" + usageText, "", 2, 0},
		{"no URL", func(p *place) { delete(p.env, "BATCH_FILE_S3_URL") },
			"* BATCH_FILE_S3_URL not set. No object to download.\n\n" + usageText, "", 2, 0},
		{"other scheme", func(p *place) { p.env["BATCH_FILE_S3_URL"] = "https://b/run.sh" },
			"* BATCH_FILE_S3_URL must be for an S3 object; expecting URL starting with s3://\n\n" + usageText, "", 2, 0},
		{"script", func(p *place) {
			p.env["BATCH_FILE_TYPE"], p.env["BATCH_FILE_S3_URL"] = "script", "s3://b/echo.sh"
			p.args = []string{"echo.sh", "a b", "c"}
		}, "2: a b c\n", "", 9, 1},
		{"script without arguments", func(p *place) {
			p.env["BATCH_FILE_TYPE"], p.env["BATCH_FILE_S3_URL"] = "script", "s3://b/echo.sh"
			p.args = nil
		}, "0: \n", "", 9, 1},
		{"missing interpreter", func(p *place) {
			p.env["BATCH_FILE_TYPE"] = "script"
			p.write("objects/b/run.sh", "#!/no/such/perl -w\n")
		}, "", "fetch_and_run_psql.sh - Failed to execute script: interpreter \"/no/such/perl\": no such file or directory\n", 126, 0},
		{"no place for files", func(p *place) { p.env["TMPDIR"] = p.dir + "/none" }, "",
			"stat DIR/none: no such file or directory\nfetch_and_run_psql.sh - Failed to create temp directory.\n", 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlace(t)
			c.change(p)
			stdout, stderr, status := p.run()
			stderr = strings.ReplaceAll(stderr, p.dir, "DIR")
			if status != c.status {
				t.Errorf("got exit status %d; want %d", status, c.status)
			}
			if diff := cmp.Diff(c.stdout, stdout); diff != "" {
				t.Errorf("stdout (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.stderr, stderr); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
			if n := p.left(); n != c.left {
				t.Errorf("%d temporary directories are left; want %d", n, c.left)
			}
		})
	}
}

// The example's own script runs with its variables.
func TestExampleScript(t *testing.T) {
	p := newPlace(t)
	text, err := os.ReadFile("../../examples/refresh/run_sql.sh")
	if err != nil {
		t.Fatal(err)
	}
	p.write("objects/b/run.sh", string(text))
	stdout, stderr, status := p.run()
	if status != 0 || stderr != "" || !strings.HasSuffix(stdout, "psql runs select 1; with secret\n") {
		t.Errorf("got status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

// Without a psql on PATH scripts find this program by that name; with one,
// that.
func TestPsqlLink(t *testing.T) {
	p := newPlace(t)
	self := filepath.Join(p.dir, "salamander")
	p.write("salamander", "#!/bin/sh\necho \"${0##*/} is ours\"\n")
	p.write("objects/b/run.sh", "#!"+p.shell()+"\npsql -f \"$1\"\n")
	p.env["FETCHRUN_TEST_SELF"] = self
	if stdout, _, _ := p.run(); !strings.Contains(stdout, "psql runs select 1;") {
		t.Errorf("with psql: got %q", stdout)
	}
	if err := os.Remove(filepath.Join(p.dir, "bin/psql")); err != nil {
		t.Fatal(err)
	}
	p.env["PATH"] = p.dir + "/bin"
	stdout, stderr, status := p.run()
	if !strings.HasSuffix(stdout, "\npsql is ours\n") || status != 0 {
		t.Errorf("without psql: got %q, %q, status %d", stdout, stderr, status)
	}
}

// shell returns the file of sh, for scripts that run with an odd PATH.
func (p *place) shell() string {
	sh, err := exec.LookPath("sh")
	if err != nil {
		p.t.Skip("needs sh")
	}
	return sh
}

// A script without a #! line is run by sh where there is no bash, and refused
// in a sentence where there is neither.
func TestUnnamedWithoutBash(t *testing.T) {
	p := newPlace(t)
	p.env["BATCH_FILE_TYPE"] = "script"
	p.write("objects/b/run.sh", "echo \"$0 $*\"\n")
	p.args = []string{"x", "a b"}
	p.env["PATH"] = p.dir + "/bin"
	stdout, stderr, status := p.run()
	want := "fetch_and_run_psql.sh - Failed to execute script: it has no #! line, and there is neither bash nor sh on PATH.\n"
	if stdout != "" || stderr != want || status != 126 {
		t.Errorf("without shells: got %q, %q, status %d", stdout, stderr, status)
	}
	if err := os.Symlink(p.shell(), filepath.Join(p.dir, "bin/sh")); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, status = p.run()
	if stdout != "TMP/batch-file-temp a b\n" || status != 0 {
		t.Errorf("with sh: got %q, %q, status %d", stdout, stderr, status)
	}
}

func archive(t testing.TB, files map[string]string, modes map[string]os.FileMode) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range files {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		h.SetMode(0o644 | modes[name])
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestZip(t *testing.T) {
	p := newPlace(t)
	p.env["BATCH_FILE_TYPE"], p.env["BATCH_FILE_S3_URL"] = "zip", "s3://b/jobs.zip"
	p.write("objects/b/jobs.zip", archive(t, map[string]string{
		"run.sh": "#!/bin/sh\necho \"$0 $*\"; cat data/x; pwd\n", "plain": "echo plain $0\n", "data/x": "content\n", "empty/": "",
	}, map[string]os.FileMode{"empty/": os.ModeDir}))
	for _, c := range []struct {
		args           []string
		stdout, stderr string
		status         int
	}{
		{[]string{"run.sh", "a", "b"}, "./run.sh a b\ncontent\nTMP\n", "", 0},
		{[]string{"plain"}, "plain ./plain\n", "", 0},
		{nil, "* zip format requires at least one argument - the script to run from inside\n\n" + usageText, "", 2},
		{[]string{"none"}, "", "fetch_and_run_psql.sh - Did not find specified script './none' in zip from s3://b/jobs.zip\n", 1},
	} {
		p.args = c.args
		stdout, stderr, status := p.run()
		if stdout != c.stdout || stderr != c.stderr || status != c.status {
			t.Errorf("%q: got %q, %q, status %d; want %q, %q, status %d", c.args, stdout, stderr, status, c.stdout, c.stderr, c.status)
		}
	}
}

func TestBadZips(t *testing.T) {
	for name, text := range map[string]string{
		"no archive":    "hello",
		"leads out":     archive(t, map[string]string{"../../x": "x"}, nil),
		"absolute":      archive(t, map[string]string{"/x": "x"}, nil),
		"symbolic link": archive(t, map[string]string{"x": "/etc"}, map[string]os.FileMode{"x": os.ModeSymlink}),
	} {
		p := newPlace(t)
		p.env["BATCH_FILE_TYPE"], p.env["BATCH_FILE_S3_URL"] = "zip", "s3://b/jobs.zip"
		p.write("objects/b/jobs.zip", text)
		stdout, stderr, status := p.run()
		if stdout != "" || status != 1 || !strings.HasPrefix(stderr, "unzip: ") ||
			!strings.HasSuffix(stderr, "\nfetch_and_run_psql.sh - Failed to unpack zip file.\n") {
			t.Errorf("%s: got %q, %q, status %d", name, stdout, stderr, status)
		}
		if n := p.left(); n != 0 {
			t.Errorf("%s: %d temporary directories are left", name, n)
		}
	}
}

// The files are for nobody else, and what is executed gets all variables.
func TestExec(t *testing.T) {
	p := newPlace(t)
	called := 0
	env := []string{"A=b", "PATH=" + p.env["PATH"]}
	r := &runner{args: []string{"x", "y"}, lookup: func(name string) string { return p.env[name] }, environ: env,
		fetch: folder(p.dir + "/objects"), self: "/self", stdout: io.Discard, stderr: io.Discard}
	r.exec = func(file string, argv, got []string) error {
		called++
		if called == 2 {
			want := []string{"bash", argv[1], "y", filepath.Join(r.dir, "sql-file-temp")}
			if filepath.Base(file) != "bash" || !slices.Equal(argv, want) {
				t.Errorf("got %s %q; want bash %q", file, argv, want)
			}
			return syscall.EACCES
		}
		if !slices.Equal(got, env) {
			t.Errorf("got variables %q; want %q", got, env)
		}
		for name, want := range map[string]os.FileMode{file: 0o700, filepath.Join(r.dir, "sql-file-temp"): 0o600, r.dir: 0o700 | os.ModeDir} {
			if info, err := os.Stat(name); err != nil || info.Mode() != want {
				t.Errorf("%s: got %v, %v; want %v", name, info.Mode(), err, want)
			}
		}
		return syscall.ENOEXEC
	}
	if r.find("bash") == "" {
		t.Skip("needs bash")
	}
	if status := r.main(t.Context()); status != 126 || called != 2 {
		t.Errorf("got status %d after %d calls; want 126 after 2", status, called)
	}
}

func TestEndedWhileFetching(t *testing.T) {
	p := newPlace(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	status := Main(ctx, nil, func(name string) string { return p.env[name] }, nil, folder("/none"), "", io.Discard, io.Discard)
	if status != 143 || p.left() != 0 {
		t.Errorf("got status %d, %d directories; want 143, 0", status, p.left())
	}
}

func FuzzSplitURL(f *testing.F) {
	for _, s := range []string{"s3://b/k", "s3://b/k/l?x#y", "s3://b", "s3:///k", "s3:b/k", "", "s3://b//"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, url string) {
		bucket, key, err := splitURL(url)
		if err == nil && (fmt.Sprintf("s3://%s/%s", bucket, key) != url || strings.Contains(bucket, "/")) {
			t.Errorf("splitURL(%q): got %q, %q", url, bucket, key)
		}
	})
}

// BenchmarkFetchAndRun takes the time from the start of the program to the
// end of a script that does nothing.
func BenchmarkFetchAndRun(b *testing.B) {
	p := newPlace(b)
	p.env["BATCH_FILE_TYPE"] = "script"
	p.write("objects/b/run.sh", "#!/bin/sh\n")
	b.ReportAllocs()
	for b.Loop() {
		if _, _, status := p.run(); status != 0 {
			b.Fatal(status)
		}
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"salamander/asl"
	"salamander/internal/value"
)

// A verdict is what validate came to for one file.
type verdict struct {
	File     string    `json:"file"`
	Valid    bool      `json:"valid"`
	States   int       `json:"states,omitempty"` // of a valid definition, with those of branches and iterations
	Mistakes []mistake `json:"mistakes,omitempty"`
	Warnings []mistake `json:"warnings,omitempty"` // what is allowed and is likely not meant
	Error    string    `json:"error,omitempty"`    // why the file could not be read

	source []byte
}

// A mistake is one of a definition, at its place in the file.
type mistake struct {
	Line    int    `json:"line,omitempty"`   // from 1
	Column  int    `json:"column,omitempty"` // from 1, in bytes
	Path    string `json:"path"`             // RFC 6901 pointer
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// text gives the pointer, the message and the hint in one line.
func (m *mistake) text() string {
	s := m.Message
	if m.Path != "" {
		s = m.Path + ": " + s
	}
	if m.Hint != "" {
		s += " (" + m.Hint + ")"
	}
	return printable(s)
}

func newValidate(c *console) *cobra.Command {
	var subs substitutions
	machineType, output, quiet := "STANDARD", "text", false
	cmd := &cobra.Command{
		Use:   "validate FILE...",
		Short: "Check state machine definitions",
		Long: `Validate checks state machine definitions and lists every mistake with its line
and column, and, marked as warnings, what is allowed and is likely not meant, such
as a path that is not evaluated because its field's name does not end in .$. - is the standard input; of a directory the files *.asl.json and *.asl
are checked, with those below it. Placeholders such as ${Function} are replaced
by the values of --substitute, or else by plausible ones, so that templates are
checked as they are.

Exit status: 0 all are valid, if with warnings, 5 mistakes, 1 a file cannot be read, 2 usage.`,
		Args: func(cmd *cobra.Command, args []string) error { return needFiles(cmd, args, 1, -1, "FILE") },
		RunE: func(_ *cobra.Command, files []string) error {
			if err := oneOf("--type", machineType, "STANDARD", "EXPRESS"); err != nil {
				return err
			}
			if err := oneOf("--output", output, "text", "json", "github"); err != nil {
				return err
			}
			values, err := subs.values()
			if err != nil {
				return err
			}
			var verdicts []*verdict
			var templates []*filledTemplate
			for _, file := range definitionFiles(files) {
				v, t := c.validateFile(file, values, machineType == "EXPRESS")
				verdicts = append(verdicts, v)
				if t != nil {
					templates = append(templates, t)
				}
			}
			status := validateStatus(verdicts)
			if status != exitFailed { // an unread file may have it
				if err := unusedSubstitution(values, templates...); err != nil {
					return err
				}
			}
			if err := c.writeVerdicts(verdicts, output, quiet); err != nil {
				return err
			}
			if status != exitOK {
				return &exitError{status: status}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&machineType, "type", machineType, "STANDARD or EXPRESS")
	cmd.Flags().StringVarP(&output, "output", "o", output, "text, json or github (workflow commands)")
	cmd.Flags().StringArrayVar(&subs.pairs, "substitute", nil, "NAME=VALUE for ${NAME}; repeatable")
	cmd.Flags().BoolVarP(&quiet, "quiet", "q", false, "say nothing of valid files but their warnings")
	return cmd
}

// definitionFiles puts the definitions that are in directories in the place of
// these. A directory without one stays, and cannot be read as a file.
func definitionFiles(args []string) []string {
	var files []string
	for _, arg := range args {
		before := len(files)
		if info, err := os.Stat(arg); err == nil && info.IsDir() {
			_ = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
				switch name := d.Name(); {
				case err != nil:
					return fs.SkipDir
				case d.IsDir() && path != arg && (strings.HasPrefix(name, ".") || name == "node_modules"):
					return fs.SkipDir
				case !d.IsDir() && (strings.HasSuffix(name, ".asl.json") || strings.HasSuffix(name, ".asl")):
					files = append(files, path)
				}
				return nil
			})
		}
		if len(files) == before {
			files = append(files, arg)
		}
	}
	return files
}

// validateStatus is 1 if a file could not be read, 5 if one has mistakes.
func validateStatus(verdicts []*verdict) int {
	status := exitOK
	for _, v := range verdicts {
		switch {
		case v.Error != "":
			return exitFailed
		case !v.Valid:
			status = exitInvalid
		}
	}
	return status
}

// validateFile checks one file. The template is nil if it cannot be read.
func (c *console) validateFile(file string, values map[string]string, express bool) (*verdict, *filledTemplate) {
	v := &verdict{File: shownName(file)}
	source, err := c.readFile(file)
	if info, statErr := os.Stat(file); statErr == nil && info.IsDir() {
		v.Error = fmt.Sprintf("%s: no files *.asl.json or *.asl in this directory", file)
		return v, nil
	}
	if err != nil {
		v.Error = err.Error()
		return v, nil
	}
	t := fillTemplate(source, values)
	v.source = source
	v.Warnings = t.places(asl.Warnings(t.text))
	if _, err := asl.Parse(t.text, asl.ParseOptions{Express: express}); err != nil {
		v.Mistakes = t.mistakes(err)
		return v, t
	}
	v.Valid = true
	eachState(t.text, func(string, string) { v.States++ })
	return v, t
}

// mistakes translates the error of asl.Parse to places in the source.
func (f *filledTemplate) mistakes(err error) []mistake {
	var all asl.Errors
	if !errors.As(err, &all) {
		return []mistake{{Message: err.Error()}}
	}
	return f.places(all)
}

// places translates mistakes, or warnings, to places in the source.
func (f *filledTemplate) places(all asl.Errors) []mistake {
	text, source := indexLines(f.text), indexLines(f.source)
	list := make([]mistake, 0, len(all))
	for _, e := range all {
		msg, _, _ := strings.Cut(e.Msg, "\n") // the rest repeats the place
		m := mistake{Path: e.Path, Code: e.Code, Message: msg, Hint: e.Hint}
		line, column := e.Line, e.Column
		if e.Line > 0 {
			if at, ok := withinExpression(f.text, text.start(line)+column-1); ok && e.Code == "INVALID_JSONATA_EXPRESSION" {
				line, column = text.place(at)
			}
		}
		m.Line, m.Column = f.place(text, source, line, column)
		list = append(list, m)
	}
	return list
}

// eachState calls f with the name and the type of each state of a valid
// definition, in its order, those of branches and iterations after their own.
func eachState(definition []byte, f func(name, kind string)) {
	root, err := value.Parse(definition)
	if err != nil {
		return
	}
	walkStates(root, f)
}

func walkStates(machine value.Value, f func(name, kind string)) {
	states, _ := member(machine, "States").(*value.Object)
	if states == nil {
		return
	}
	for _, m := range states.Members() {
		kind, _ := member(m.Value, "Type").(string)
		f(m.Key, kind)
		branches, _ := member(m.Value, "Branches").(value.Array)
		for _, b := range branches {
			walkStates(b, f)
		}
		walkStates(member(m.Value, "ItemProcessor"), f)
		walkStates(member(m.Value, "Iterator"), f)
	}
}

// member returns a member of v, or nil if v is no object or has none.
func member(v value.Value, key string) value.Value {
	if o, ok := v.(*value.Object); ok {
		m, _ := o.Get(key)
		return m
	}
	return nil
}

// writeVerdicts writes the verdicts in one of the formats.
func (c *console) writeVerdicts(verdicts []*verdict, format string, quiet bool) error {
	if format == "json" {
		enc := json.NewEncoder(c.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(verdicts)
	}
	for _, v := range verdicts {
		var err error
		switch {
		case v.Error != "" && format == "github":
			_, err = fmt.Fprintf(c.out, "::error file=%s::%s\n", githubProperty(v.File), githubText(v.Error))
		case v.Error != "":
			_, err = fmt.Fprintln(c.err, "salamander:", v.Error)
		case format == "github":
			err = v.writeGithub(c.out)
		default:
			if v.Valid && !quiet {
				_, err = fmt.Fprintf(c.out, "%s: valid, %s\n", v.File, count(v.States, "state"))
			}
			if err == nil {
				err = v.writeText(c.out)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writeText writes each mistake, and then each warning, with its source line and
// a caret below.
func (v *verdict) writeText(w io.Writer) error {
	lines := indexLines(v.source)
	write := func(mark string, all []mistake) error {
		for i := range all {
			m := &all[i]
			place, quoted := v.File, ""
			if m.Line > 0 {
				place = fmt.Sprintf("%s:%d:%d", v.File, m.Line, m.Column)
				quoted = quoteSource(v.source[lines.start(m.Line):], m.Column)
			}
			if _, err := fmt.Fprintf(w, "%s: %s%s\n%s", place, mark, m.text(), quoted); err != nil {
				return err
			}
		}
		return nil
	}
	if err := write("", v.Mistakes); err != nil {
		return err
	}
	return write("warning: ", v.Warnings)
}

// quoteWidth is how much of a long line is shown, in characters.
const quoteWidth = 100

// quoteSource gives the first line of the source and a line with a caret below
// the column. Of a long line it gives the part around the column.
func quoteSource(source []byte, column int) string {
	line, _, _ := bytes.Cut(source, []byte("\n"))
	text := strings.TrimSuffix(string(line), "\r")
	caret := len([]rune(text[:min(column-1, len(text))]))
	runes := []rune(printable(text))
	if from := caret - quoteWidth*2/3; from > 0 && len(runes) > quoteWidth {
		runes, caret = append([]rune("…"), runes[from:]...), caret-from+1
	}
	if len(runes) > quoteWidth {
		runes = append(runes[:quoteWidth:quoteWidth], '…')
	}
	pad := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, string(runes[:caret]))
	return string(runes) + "\n" + pad + "^\n"
}

// printable replaces characters that could change a terminal, but for tabs.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// writeGithub writes a workflow command for each mistake and each warning.
//
// https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
func (v *verdict) writeGithub(w io.Writer) error {
	write := func(command string, all []mistake) error {
		for i := range all {
			m := &all[i]
			place := "file=" + githubProperty(v.File)
			if m.Line > 0 {
				place += fmt.Sprintf(",line=%d,col=%d", m.Line, m.Column)
			}
			if _, err := fmt.Fprintf(w, "::%s %s::%s\n", command, place, githubText(m.text())); err != nil {
				return err
			}
		}
		return nil
	}
	if err := write("error", v.Mistakes); err != nil {
		return err
	}
	return write("warning", v.Warnings)
}

func githubText(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func githubProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(githubText(s))
}

// count gives a number with its noun: "1 state", "2 states".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// shownName is how messages name a file.
func shownName(file string) string {
	if file == "-" {
		return "<stdin>"
	}
	return file
}

// readFile reads a file, or the standard input for -.
func (c *console) readFile(file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(c.in)
	}
	return os.ReadFile(file)
}

// needFiles checks the number of arguments; most < 0 is no limit. The standard
// input can be read once.
func needFiles(cmd *cobra.Command, args []string, least, most int, names string) error {
	if len(args) < least || most >= 0 && len(args) > most {
		return exitf(exitUsage, "got %s; need %s (see %s --help)", count(len(args), "argument"), names, cmd.CommandPath())
	}
	stdin := 0
	for _, a := range args {
		if a == "-" {
			stdin++
		}
	}
	if stdin > 1 {
		return exitf(exitUsage, "- is there twice: the standard input can be read once")
	}
	return nil
}

// oneOf checks the value of a flag.
func oneOf(flag, value string, allowed ...string) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return exitf(exitUsage, "%s: got %q; need one of %s", flag, value, strings.Join(allowed, ", "))
}

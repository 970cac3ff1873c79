// Command gen writes the shape tables of package awsmodel from the service
// models of botocore. It is run by hand:
//
//	go run ./internal/awsmodel/gen -models $(python3 -c 'import botocore,os;print(os.path.dirname(botocore.__file__))') -out internal/awsmodel/tables
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	models := flag.String("models", "", "directory of the botocore package")
	out := flag.String("out", "internal/awsmodel/tables", "directory to write the tables to")
	flag.Parse()
	if err := run(*models, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(models, out string) error {
	if models == "" {
		return fmt.Errorf("-models: need the directory of the botocore package")
	}
	version, err := botocoreVersion(models)
	if err != nil {
		return err
	}
	answered := filepath.Join(out, "..", "outputs")
	for _, dir := range []string{out, answered} {
		if err := os.WriteFile(filepath.Join(dir, "NOTICE"), []byte(notice(version)), 0o644); err != nil {
			return err
		}
	}
	for _, s := range selections() {
		table, err := generate(models, version, s)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, s.signing+".json"), table, 0o644); err != nil {
			return err
		}
	}
	for _, a := range outputs() {
		table, err := generateOutputs(models, version, a)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(answered, a.sdk+".json.gz"), table, 0o644); err != nil {
			return err
		}
	}
	return nil
}

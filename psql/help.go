package psql

import (
	_ "embed"
	"fmt"
	"strings"

	"salamander/sqltext"
)

// commandHelp is what \? shows, variableHelp what \? variables shows.
//
//go:embed help/commands.txt
var commandHelp string

//go:embed help/variables.txt
var variableHelp string

// statementHelp is what \h knows: of each statement its name, a line of
// description, and its syntax, indented.
//
//go:embed help/statements.txt
var statementHelp string

// A statementForm is a statement as \h shows it.
type statementForm struct{ name, about, syntax string }

func statementForms() []statementForm {
	var all []statementForm
	for part := range strings.SplitSeq(strings.TrimSpace(statementHelp), "\n\n") {
		name, rest, _ := strings.Cut(part, "\n")
		about, syntax, _ := strings.Cut(rest, "\n")
		all = append(all, statementForm{name, about, strings.ReplaceAll(strings.TrimPrefix(syntax, "\t"), "\n\t", "\n")})
	}
	return all
}

// cmdHelp shows the meta-commands, the options of the command line, or the
// variables.
func (sc *script) cmdHelp(string) cmdStatus {
	topic, _ := sc.arg(true)
	switch topic {
	case "options":
		sc.sh.out.WriteString(usage)
	case "variables":
		sc.sh.out.WriteString(variableHelp)
	default:
		sc.sh.out.WriteString(commandHelp)
	}
	sc.sh.out.Flush()
	return cmdSkip
}

// cmdSyntax shows the syntax of statements.
func (sc *script) cmdSyntax(string) cmdStatus {
	a, _, _ := sc.scan.Arg(sqltext.ArgLine, false)
	w := sc.sh.out
	defer w.Flush()
	asked := strings.ToUpper(strings.Join(strings.Fields(strings.TrimRight(a.Text, "; \t")), " "))
	all := statementForms()
	if asked == "" {
		fmt.Fprintln(w, "Available help:")
		half := (len(all) + 1) / 2
		for i := range half {
			right := ""
			if i+half < len(all) {
				right = all[i+half].name
			}
			fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("  %-32s %s", all[i].name, right), " "))
		}
		return cmdSkip
	}
	found := formsOf(all, asked)
	if len(found) == 0 {
		fmt.Fprintf(w, "No help available for \"%s\".\nTry \\h with no arguments to see available help.\n", strings.TrimRight(a.Text, "; \t"))
		return cmdSkip
	}
	for _, f := range found {
		fmt.Fprintf(w, "Command:     %s\nDescription: %s\nSyntax:\n%s\n\n", f.name, f.about, f.syntax)
	}
	return cmdSkip
}

// formsOf returns the statement of that name, or those that begin so; where
// there are none the last words are left out one by one.
func formsOf(all []statementForm, asked string) []statementForm {
	for words := strings.Fields(asked); len(words) > 0; words = words[:len(words)-1] {
		name := strings.Join(words, " ")
		var found []statementForm
		for _, f := range all {
			if asked == "*" || f.name == name {
				found = append(found, f)
			}
		}
		if found == nil {
			for _, f := range all {
				if strings.HasPrefix(f.name, name) {
					found = append(found, f)
				}
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}

func (sc *script) cmdCopyright(string) cmdStatus {
	fmt.Fprint(sc.sh.stdout, "This psql is a part of Salamander. It is no copy of PostgreSQL's psql, whose script language it speaks.\n"+
		"PostgreSQL is a trademark of the PostgreSQL Community Association of Canada.\n")
	return cmdSkip
}

// cmdHistory shows the history of what was typed: there is none without a
// terminal, which psql tells by its status alone.
func (sc *script) cmdHistory(string) cmdStatus {
	if _, ok := sc.arg(true); !ok {
		fmt.Fprintln(sc.sh.stdout)
	}
	return cmdError
}

// absent tells why a meta-command of psql 15 is not here; "" is one that psql
// has not either.
func absent(name string) string {
	switch name = strings.TrimRight(name, "+S"); name {
	case "e", "edit", "ef", "ev":
		return "there is no terminal for an editor"
	case "password":
		return "there is no terminal to ask for a password; ALTER USER … PASSWORD sets one"
	case "lo_export", "lo_import", "lo_unlink":
		return "large objects are not implemented by this psql"
	}
	if name == "dRp" {
		return "not implemented by this psql"
	}
	return ""
}

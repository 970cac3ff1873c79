package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"salamander/internal/value"
)

// An evaluation is one call of the eval command.
type evaluation struct {
	expression string
	language   string // "", "jsonpath" or "jsonata"
	files      struct{ input, context, variables string }

	input     value.Value
	context   value.Value // nil without one
	variables *value.Object
}

func newEval(c *console) *cobra.Command {
	e := evaluation{}
	cmd := &cobra.Command{
		Use:   "eval EXPRESSION FILE",
		Short: "Evaluate a JSONata or JSONPath expression on a JSON file",
		Long: `Eval evaluates an expression as a state machine would with the file as input,
and prints the result. - is the standard input. The form tells the language:

  {% $sum($states.input.orders.total) %}  JSONata, as in a definition
  $sum(orders.total)                      JSONata; the file is $ as well
  $.orders[0].id, $$.Execution.Name       JSONPath
  $rate, $order.id                        JSONPath of a variable
  States.Format('{}', $.id)               intrinsic function

--language decides where the form does not: with it, $.orders can be JSONata.
$$ and $states.context are the object of --context; the members of the object
of --variables are the variables.

Exit status: 0 found, 1 nothing found or an error of the evaluation, 2 usage,
5 a mistake in the expression or the file.`,
		Args: func(cmd *cobra.Command, args []string) error {
			return needFiles(cmd, args, 2, 2, "EXPRESSION and FILE")
		},
		RunE: func(_ *cobra.Command, args []string) error {
			e.expression, e.files.input = strings.TrimSpace(args[0]), args[1]
			result, err := c.evaluate(&e)
			if err != nil {
				return err
			}
			var b bytes.Buffer
			if err := json.Indent(&b, value.Append(nil, result), "", "  "); err != nil {
				return err
			}
			b.WriteByte('\n')
			_, err = b.WriteTo(c.out)
			return err
		},
	}
	cmd.Flags().StringVar(&e.language, "language", "", "jsonpath or jsonata (default by the expression's form)")
	cmd.Flags().StringVar(&e.files.context, "context", "", "JSON file of the context object")
	cmd.Flags().StringVar(&e.files.variables, "variables", "", "JSON file of an object of variables")
	return cmd
}

// evaluate gives the value of an expression of the States Language.
func (c *console) evaluate(e *evaluation) (value.Value, error) {
	if e.language != "" {
		if err := oneOf("--language", e.language, "jsonpath", "jsonata"); err != nil {
			return nil, err
		}
	}
	if err := c.readEvaluation(e); err != nil {
		return nil, err
	}
	switch {
	case e.language == "jsonata" || e.language == "" && !isPath(e.expression):
		return e.jsonata()
	case strings.HasPrefix(e.expression, "States."):
		return e.intrinsic()
	}
	return e.path()
}

// isPath reports whether an expression has the form of JSONPath or of an
// intrinsic function: $, $$ or $name, and then nothing, . or [.
func isPath(expression string) bool {
	if strings.HasPrefix(expression, "States.") {
		return true
	}
	rest, ok := strings.CutPrefix(expression, "$")
	if !ok {
		return false
	}
	_, rest = rootOf(rest)
	return rest == "" || rest[0] == '.' || rest[0] == '['
}

// rootOf cuts what stands between the $ of a path and its steps: nothing, $ for
// the context object, or a variable's name.
func rootOf(rest string) (root, steps string) {
	if strings.HasPrefix(rest, "$") {
		return rest[:1], rest[1:]
	}
	n := strings.IndexFunc(rest, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r < utf8.RuneSelf
	})
	if n < 0 {
		n = len(rest)
	}
	return rest[:n], rest[n:]
}

// readEvaluation reads the files; the standard input can be one of them.
func (c *console) readEvaluation(e *evaluation) error {
	stdin := false
	read := func(flag, file string) (value.Value, error) {
		if file == "-" {
			if stdin {
				return nil, exitf(exitUsage, "%s: - is there twice: the standard input can be read once", flag)
			}
			stdin = true
		}
		text, err := c.readFile(file)
		if err != nil {
			return nil, err
		}
		v, err := value.Parse(text)
		if err != nil {
			return nil, exitf(exitInvalid, "%s: not JSON: %w", shownName(file), err)
		}
		return v, nil
	}
	var err error
	if e.input, err = read("FILE", e.files.input); err != nil {
		return err
	}
	if e.files.context != "" {
		if e.context, err = read("--context", e.files.context); err != nil {
			return err
		}
		if _, ok := e.context.(*value.Object); !ok {
			return exitf(exitInvalid, "%s: need an object of the context", shownName(e.files.context))
		}
	}
	e.variables = new(value.Object)
	if e.files.variables != "" {
		v, err := read("--variables", e.files.variables)
		if err != nil {
			return err
		}
		o, ok := v.(*value.Object)
		if !ok {
			return exitf(exitInvalid, "%s: need an object of variables", shownName(e.files.variables))
		}
		for _, m := range o.Members() {
			e.variables.Set(strings.TrimPrefix(m.Key, "$"), m.Value)
		}
	}
	return nil
}

// pointAt gives the line of an expression around an offset, in bytes, with a
// caret below the character there.
func pointAt(expression string, offset int) string {
	offset = min(max(offset, 0), len(expression))
	begin := strings.LastIndexByte(expression[:offset], '\n') + 1
	return strings.TrimSuffix(quoteSource([]byte(expression[begin:]), offset-begin+1), "\n")
}

// mistaken is the error of a mistake at an offset, in bytes.
func mistaken(status int, text, expression string, offset int) error {
	return exitf(status, "%s\n%s", printable(text), pointAt(expression, offset))
}

// notFound is the error of an expression that has no value.
func notFound(format string, args ...any) error {
	return exitf(exitFailed, "%s", printable(fmt.Sprintf(format, args...)))
}

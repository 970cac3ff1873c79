package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"salamander/asl"
	"salamander/internal/value"
	"salamander/jsonpath"
)

func newEval(c *console) *cobra.Command {
	contextFile := ""
	cmd := &cobra.Command{
		Use:   "eval EXPRESSION FILE",
		Short: "Evaluate a JSONPath or an intrinsic function on a JSON file",
		Long: `Eval evaluates a JSONPath, or an intrinsic function such as
States.Format('{}', $.id), as a state machine would with the file as input, and
prints the result. - is the standard input. $$ is the object of --context.
JSONata is not implemented yet.

Exit status: 0 found, 1 nothing found or an error of the evaluation, 2 usage,
5 a mistake in the expression or the file.`,
		Args: func(cmd *cobra.Command, args []string) error {
			return needFiles(cmd, args, 2, 2, "EXPRESSION and FILE")
		},
		RunE: func(_ *cobra.Command, args []string) error {
			result, err := c.evaluate(strings.TrimSpace(args[0]), args[1], contextFile)
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
	cmd.Flags().StringVar(&contextFile, "context", "", "JSON file of the context object, $$")
	return cmd
}

// evaluate gives the value of an expression of the States Language.
func (c *console) evaluate(expression, file, contextFile string) (value.Value, error) {
	evalIn := evalPath
	switch {
	case strings.HasPrefix(expression, "States."):
		if strings.Contains(expression, "$$") {
			return nil, exitf(exitUsage, "$$ is known in paths only, not in the arguments of intrinsic functions")
		}
		evalIn = evalIntrinsic
	case !strings.HasPrefix(expression, "$"):
		return nil, exitf(exitInvalid, "%q is neither a JSONPath, which begins with $, nor an intrinsic function, which begins with States.; JSONata is not implemented yet", expression)
	case strings.HasPrefix(expression, "$$"):
		if contextFile == "" {
			return nil, exitf(exitUsage, "$$ is the context object: give it by --context FILE")
		}
		expression = expression[1:]
		if file == "-" && contextFile == "-" {
			return nil, exitf(exitUsage, "--context: - is there twice: the standard input can be read once")
		}
		file = contextFile
	}
	text, err := c.readFile(file)
	if err != nil {
		return nil, err
	}
	root, err := value.Parse(text)
	if err != nil {
		return nil, exitf(exitInvalid, "%s: not JSON: %w", shownName(file), err)
	}
	return evalIn(expression, root)
}

// evalPath evaluates a JSONPath.
func evalPath(expression string, root value.Value) (value.Value, error) {
	if rest := expression[1:]; rest != "" && rest[0] != '.' && rest[0] != '[' {
		return nil, exitf(exitInvalid, "%q is no JSONPath: after $ comes . or [; variables have no values here, and JSONata is not implemented yet", expression)
	}
	p, err := jsonpath.Parse(expression)
	if err != nil {
		return nil, exitf(exitInvalid, "%w", err)
	}
	return p.Get(root)
}

// evalIntrinsic evaluates an intrinsic function in a machine of one state.
func evalIntrinsic(expression string, root value.Value) (value.Value, error) {
	const name = "Eval"
	state := value.NewObject(
		value.Member{Key: "Type", Value: "Pass"},
		value.Member{Key: "Parameters", Value: value.NewObject(value.Member{Key: "v.$", Value: expression})},
		value.Member{Key: "End", Value: true})
	definition := value.NewObject(
		value.Member{Key: "StartAt", Value: name},
		value.Member{Key: "States", Value: value.NewObject(value.Member{Key: name, Value: state})})
	m, err := asl.Parse(value.Append(nil, definition), asl.ParseOptions{NoLimits: true})
	var mistakes asl.Errors
	if errors.As(err, &mistakes) {
		one := mistakes[0]
		text := fmt.Sprintf("%q: %s", expression, one.Msg)
		if one.Hint != "" {
			text += " (" + one.Hint + ")"
		}
		return nil, exitf(exitInvalid, "%s", text)
	} else if err != nil {
		return nil, err
	}
	dec, err := m.Start(asl.Start{At: time.Now(), Seed: seed(), Input: value.Append(nil, root)})
	if err != nil {
		return nil, err
	}
	if dec.Outcome == nil {
		return nil, errors.New("a Pass state did not end")
	}
	if err := outcomeError(dec.Outcome); err != nil {
		return nil, exitf(exitFailed, "%s", strings.TrimPrefix(err.Error(), "the execution failed: "))
	}
	out, err := value.Parse(dec.Outcome.Output)
	if err != nil {
		return nil, err
	}
	return member(out, "v"), nil
}

package dialect

import (
	"fmt"
	"strings"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// configuration rewrites current_setting('x') and set_config('x', 'v', false)
// to their values. It reports whether the call was one of them.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_CURRENT_SETTING.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_SET_CONFIG.html
func (r *rewriter) configuration(name string, at, args sqltext.Node) bool {
	if name != "current_setting" && name != "set_config" || r.env.Setting == nil {
		return false
	}
	split := splitCommas(args.Children)
	constant := func(i int) (string, bool) {
		if i >= len(split) || len(split[i]) != 1 || !split[i][0].Kind.IsString() {
			return "", false
		}
		return StringValue(split[i][0].Text(r.src), split[i][0].Kind)
	}
	setting, ok := constant(0)
	if !ok {
		r.fail(sqlstate.Unsupported(at.Pos, "%s of a name that is no constant", strings.ToUpper(name)))
		return true
	}
	setting = strings.ToLower(setting)
	if name == "current_setting" {
		value, known := r.env.Setting(setting)
		if !known {
			r.fail(&sqlstate.Error{Code: sqlstate.UndefinedObject, Message: fmt.Sprintf("unrecognized configuration parameter \"%s\"", setting), At: at.Pos + 1})
			return true
		}
		r.replace(at.Pos, args.Last(), QuoteText(value))
		return true
	}
	value, ok := constant(1)
	switch {
	case !ok || len(split) != 3 || len(split[2]) != 1:
		r.fail(sqlstate.Unsupported(at.Pos, "SET_CONFIG of a value that is no constant"))
	case r.word(split[2], 0) != "false":
		r.fail(sqlstate.Unsupported(split[2][0].Pos, "SET_CONFIG for the transaction only"))
	case !strings.Contains(setting, "."):
		r.fail(sqlstate.Unsupported(split[0][0].Pos, "SET_CONFIG of a setting that is no session context variable"))
	}
	r.sets = append(r.sets, [2]string{setting, value})
	r.replace(at.Pos, args.Last(), QuoteText(value))
	return true
}

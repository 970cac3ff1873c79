package psql

import (
	"fmt"
	"strconv"
	"strings"
)

// pset sets an output option; without a value it toggles, or shows it. The
// error's text is psql's.
func (s *shell) pset(name string, value *string, quiet bool) error {
	o := &s.popt
	toggle := func(b *bool, what string) error {
		if value == nil {
			*b = !*b
			return nil
		}
		on, err := parseBool(*value, name)
		if err != nil {
			if name == "expanded" || name == "x" || name == "vertical" {
				return fmt.Errorf("unrecognized value \"%s\" for \"%s\"\nAvailable values are: on, off, auto.", *value, name) //lint:ignore ST1005 psql's text
			}
			return err
		}
		*b = on
		return nil
	}
	text := func(p *string) error {
		if value != nil {
			*p = *value
		}
		return nil
	}
	var err error
	switch name {
	case "format":
		err = s.psetFormat(value)
	case "border":
		if value != nil {
			n, aerr := strconv.Atoi(*value)
			if aerr != nil || n < 0 {
				n = 0 // as atoi has it
			}
			o.border = min(n, 2)
		}
	case "x", "expanded", "vertical":
		if value != nil && strings.EqualFold(*value, "auto") {
			return fmt.Errorf("\\pset: expanded auto is not implemented by this psql")
		}
		err = toggle(&o.expanded, "expanded")
	case "t", "tuples_only":
		err = toggle(&o.tuplesOnly, "tuples_only")
	case "footer":
		err = toggle(&o.footer, "footer")
	case "null":
		err = text(&o.null)
	case "fieldsep":
		err = text(&o.fieldSep)
	case "fieldsep_zero":
		o.fieldSep = "\x00"
	case "recordsep":
		err = text(&o.recordSep)
	case "recordsep_zero":
		o.recordSep = "\x00"
	case "csv_fieldsep":
		if value != nil {
			switch {
			case len(*value) != 1:
				return fmt.Errorf("\\pset: csv_fieldsep must be a single one-byte character")
			case strings.Contains("\"\n\r", *value):
				return fmt.Errorf("\\pset: csv_fieldsep cannot be a double quote, a newline, or a carriage return")
			}
			o.csvSep = *value
		}
	case "C", "title":
		o.title = ""
		err = text(&o.title)
	case "pager":
		if value == nil {
			return nil
		}
		if _, perr := parseBool(*value, name); perr != nil && !strings.EqualFold(*value, "always") {
			return perr
		}
		return nil
	case "linestyle":
		if value == nil || strings.HasPrefix("ascii", strings.ToLower(*value)) {
			break
		}
		return fmt.Errorf("\\pset: linestyle %s is not implemented by this psql", *value)
	case "columns", "numericlocale", "tableattr", "T", "unicode_border_linestyle", "unicode_column_linestyle", "unicode_header_linestyle", "pager_min_lines", "xheader_width":
		return fmt.Errorf("\\pset: %s is not implemented by this psql", name)
	default:
		return fmt.Errorf("\\pset: unknown option: %s", name)
	}
	// psql says nothing when these two are given a value.
	silent := value != nil && (name == "t" || name == "tuples_only" || name == "footer")
	if err == nil && !quiet && !silent {
		s.sayOption(name)
	}
	return err
}

func (s *shell) psetFormat(value *string) error {
	if value == nil {
		return nil
	}
	if *value == "" {
		return fmt.Errorf("\\pset: allowed formats are aligned, asciidoc, csv, html, latex, latex-longtable, troff-ms, unaligned, wrapped")
	}
	var found []string
	for _, f := range []string{"aligned", "asciidoc", "csv", "html", "latex", "troff-ms", "unaligned", "wrapped"} {
		if strings.HasPrefix(f, strings.ToLower(*value)) {
			found = append(found, f)
		}
	}
	switch {
	case len(found) > 1:
		return fmt.Errorf("\\pset: ambiguous abbreviation \"%s\" matches both \"%s\" and \"%s\"", *value, found[0], found[1])
	case len(found) == 0 && strings.HasPrefix("latex-longtable", *value):
		found = []string{"latex-longtable"}
	case len(found) == 0:
		return fmt.Errorf("\\pset: allowed formats are aligned, asciidoc, csv, html, latex, latex-longtable, troff-ms, unaligned, wrapped")
	}
	switch f := format(found[0]); f {
	case formatAligned, formatUnaligned, formatCSV:
		s.popt.format = f
		return nil
	}
	return fmt.Errorf("\\pset: format %s is not implemented by this psql", found[0])
}

// sayOption tells an option's value in words.
func (s *shell) sayOption(name string) {
	o := s.popt
	sep := func(what, v string) {
		switch v {
		case "\x00":
			s.say("%s is zero byte.", what)
		case "\n":
			s.say("%s is <newline>.", what)
		default:
			s.say("%s is \"%s\".", what, v)
		}
	}
	switch name {
	case "format":
		s.say("Output format is %s.", o.format)
	case "border":
		s.say("Border style is %d.", o.border)
	case "x", "expanded", "vertical":
		s.say("Expanded display is %s.", onOff(o.expanded))
	case "t", "tuples_only":
		s.say("Tuples only is %s.", onOff(o.tuplesOnly))
	case "footer":
		s.say("Default footer is %s.", onOff(o.footer))
	case "null":
		s.say("Null display is \"%s\".", o.null)
	case "fieldsep", "fieldsep_zero":
		sep("Field separator", o.fieldSep)
	case "recordsep", "recordsep_zero":
		sep("Record separator", o.recordSep)
	case "csv_fieldsep":
		s.say("Field separator for CSV is \"%s\".", o.csvSep)
	case "C", "title":
		if o.title == "" {
			s.say("Title is unset.")
		} else {
			s.say("Title is \"%s\".", o.title)
		}
	case "linestyle":
		s.say("Line style is ascii.")
	}
}

func (sc *script) cmdPset(name string) cmdStatus {
	option, ok := sc.arg(false)
	if !ok {
		sc.listOptions()
		return cmdSkip
	}
	var value *string
	if v, ok := sc.arg(false); ok {
		value = &v
	}
	return sc.setOption(option, value)
}

func (sc *script) setOption(option string, value *string) cmdStatus {
	if err := sc.sh.pset(option, value, false); err != nil {
		sc.sh.errorf("%v", err)
		return cmdError
	}
	return cmdSkip
}

// cmdPsetOne runs the short forms: \x, \t, \a, \f, \C, \T, \H.
func (sc *script) cmdPsetOne(name string) cmdStatus {
	trim := name == "x" || name == "t" || name == "C"
	var value *string
	switch name {
	case "a":
		next := string(formatAligned)
		if sc.sh.popt.format == formatAligned {
			next = string(formatUnaligned)
		}
		return sc.setOption("format", &next)
	case "H":
		html := "html"
		return sc.setOption("format", &html)
	}
	if v, ok := sc.arg(trim); ok {
		value = &v
	}
	option := map[string]string{"x": "expanded", "t": "tuples_only", "f": "fieldsep", "C": "title", "T": "tableattr"}[name]
	return sc.setOption(option, value)
}

// listOptions shows all options.
func (sc *script) listOptions() {
	o, w := sc.sh.popt, sc.sh.stdout
	quoted := func(s string) string {
		return "'" + strings.NewReplacer("\n", `\n`, "'", `\'`, "\x00", "").Replace(s) + "'"
	}
	title := ""
	if o.title != "" {
		title = quoted(o.title)
	}
	for _, row := range [][2]string{
		{"border", strconv.Itoa(o.border)}, {"columns", "0"}, {"csv_fieldsep", quoted(o.csvSep)}, {"expanded", onOff(o.expanded)},
		{"fieldsep", quoted(o.fieldSep)}, {"fieldsep_zero", onOff(o.fieldSep == "\x00")}, {"footer", onOff(o.footer)},
		{"format", string(o.format)}, {"linestyle", "ascii"}, {"null", quoted(o.null)}, {"numericlocale", "off"}, {"pager", "1"},
		{"pager_min_lines", "0"}, {"recordsep", quoted(o.recordSep)}, {"recordsep_zero", onOff(o.recordSep == "\x00")},
		{"tableattr", ""}, {"title", title}, {"tuples_only", onOff(o.tuplesOnly)}, {"unicode_border_linestyle", "single"},
		{"unicode_column_linestyle", "single"}, {"unicode_header_linestyle", "single"},
	} {
		fmt.Fprintf(w, "%-24s %s\n", row[0], row[1])
	}
}

// actionCommand runs a -c that is a meta-command.
func (s *shell) actionCommand(text string) bool {
	sc := newScript(s)
	sc.scan.Line(text)
	status := sc.command()
	if status == cmdSend {
		return true // there is no query to send
	}
	return status != cmdError
}

package psql

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// pset sets an output option; without a value it toggles, or shows it. The
// error's text is psql's.
func (s *shell) pset(name string, value *string, quiet bool) error {
	if err := s.psetValue(name, value); err != nil {
		return err
	}
	// psql says nothing when these are given a value.
	silent := value != nil && (name == "t" || name == "tuples_only" || name == "footer" || name == "numericlocale")
	if !quiet && !silent {
		s.sayOption(name)
	}
	return nil
}

func (s *shell) psetValue(name string, value *string) error {
	o := &s.popt
	switch name {
	case "format":
		return s.psetFormat(value)
	case "border":
		if value != nil {
			o.border = int(uint16(atoi(*value)))
		}
	case "columns":
		if value != nil {
			o.columns = atoi(*value)
		}
	case "x", "expanded", "vertical":
		return s.psetExpanded(value)
	case "t", "tuples_only":
		return toggle(&o.tuplesOnly, name, value)
	case "footer":
		return toggle(&o.footer, name, value)
	case "numericlocale":
		return toggle(&o.numericLocale, name, value)
	case "null":
		setText(&o.null, value)
	case "fieldsep":
		setText(&o.fieldSep, value)
	case "fieldsep_zero":
		o.fieldSep = "\x00"
	case "recordsep":
		setText(&o.recordSep, value)
	case "recordsep_zero":
		o.recordSep = "\x00"
	case "csv_fieldsep":
		if value == nil {
			return nil
		}
		switch {
		case len(*value) != 1:
			return errors.New("\\pset: csv_fieldsep must be a single one-byte character")
		case strings.Contains("\"\n\r", *value):
			return errors.New("\\pset: csv_fieldsep cannot be a double quote, a newline, or a carriage return")
		}
		o.csvSep = *value
	case "C", "title":
		o.title = ""
		setText(&o.title, value)
	case "T", "tableattr":
		o.tableAttr = ""
		setText(&o.tableAttr, value)
	case "pager":
		return s.psetPager(value)
	case "pager_min_lines":
		if value != nil {
			if n, err := strconv.Atoi(strings.TrimSpace(*value)); err == nil {
				o.pagerMinLines = n
			} else {
				return fmt.Errorf("invalid value \"%s\" for \"pager_min_lines\": integer expected", *value)
			}
		}
	case "linestyle":
		return s.psetLinestyle(value)
	case "unicode_border_linestyle":
		return setWeight(&o.uniBorder, "border", value)
	case "unicode_column_linestyle":
		return setWeight(&o.uniColumn, "column", value)
	case "unicode_header_linestyle":
		return setWeight(&o.uniHeader, "header", value)
	default:
		return fmt.Errorf("\\pset: unknown option: %s", name)
	}
	return nil
}

// atoi reads the number that s begins with, as the C library does.
func atoi(s string) int {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	n := 0
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
		n++
	}
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	v, _ := strconv.ParseInt(strings.TrimPrefix(s[:n], "+"), 10, 32)
	return int(v)
}

func setText(p, value *string) {
	if value != nil {
		*p = *value
	}
}

func toggle(b *bool, name string, value *string) error {
	if value == nil {
		*b = !*b
		return nil
	}
	on, err := parseBool(*value, name)
	if err == nil {
		*b = on
	}
	return err
}

func setWeight(w *lineWeight, what string, value *string) error {
	switch {
	case value == nil:
	case *value != "" && isPrefixFold(*value, "single"):
		*w = weightSingle
	case *value != "" && isPrefixFold(*value, "double"):
		*w = weightDouble
	default:
		return fmt.Errorf("\\pset: allowed Unicode %s line styles are single, double", what)
	}
	return nil
}

// isPrefixFold reports whether word begins with s, whatever the case.
func isPrefixFold(s, word string) bool {
	return len(s) <= len(word) && strings.EqualFold(s, word[:len(s)])
}

func (s *shell) psetLinestyle(value *string) error {
	if value == nil {
		return nil
	}
	for kind, word := range [...]string{"ascii", "old-ascii", "unicode"} {
		if isPrefixFold(*value, word) {
			s.popt.line = lineKind(kind)
			return nil
		}
	}
	return errors.New("\\pset: allowed line styles are ascii, old-ascii, unicode")
}

func (s *shell) psetExpanded(value *string) error {
	switch {
	case value == nil && s.popt.expanded == expandedOff:
		s.popt.expanded = expandedOn
	case value == nil:
		s.popt.expanded = expandedOff
	case strings.EqualFold(*value, "auto"):
		s.popt.expanded = expandedAuto
	default:
		on, err := parseBool(*value, "expanded")
		switch {
		case err != nil:
			return unrecognized("expanded", *value, "on", "off", "auto")
		case on:
			s.popt.expanded = expandedOn
		default:
			s.popt.expanded = expandedOff
		}
	}
	return nil
}

// psetPager keeps the setting; this psql never uses a pager.
func (s *shell) psetPager(value *string) error {
	o := &s.popt
	switch {
	case value != nil && strings.EqualFold(*value, "always"):
		o.pager = 2
	case value != nil:
		on, err := parseBool(*value, "pager")
		switch {
		case err != nil:
			return unrecognized("pager", *value, "on", "off", "always")
		case on:
			o.pager = 1
		default:
			o.pager = 0
		}
	case o.pager == 1:
		o.pager = 0
	default:
		o.pager = 1
	}
	return nil
}

func (s *shell) psetFormat(value *string) error {
	if value == nil {
		return nil
	}
	var found []format
	for _, f := range []format{formatAligned, formatAsciidoc, formatCSV, formatHTML, formatLatex, formatTroff, formatUnaligned, formatWrapped} {
		if isPrefixFold(*value, string(f)) {
			found = append(found, f)
		}
	}
	switch {
	case *value == "":
	case len(found) > 1:
		return fmt.Errorf("\\pset: ambiguous abbreviation \"%s\" matches both \"%s\" and \"%s\"", *value, found[0], found[1])
	case len(found) == 1:
		s.popt.format = found[0]
		return nil
	case isPrefixFold(*value, string(formatLongtable)):
		s.popt.format = formatLongtable
		return nil
	}
	return errors.New("\\pset: allowed formats are aligned, asciidoc, csv, html, latex, latex-longtable, troff-ms, unaligned, wrapped")
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
	maybe := func(v, set, unset string) {
		if v == "" {
			s.say("%s", unset)
		} else {
			s.say(set+" \"%s\".", v)
		}
	}
	switch name {
	case "format":
		s.say("Output format is %s.", o.format)
	case "border":
		s.say("Border style is %d.", o.border)
	case "columns":
		if o.columns == 0 {
			s.say("Target width is unset.")
		} else {
			s.say("Target width is %d.", o.columns)
		}
	case "x", "expanded", "vertical":
		s.say("Expanded display is %s.", [...]string{"off", "on", "used automatically"}[o.expanded])
	case "t", "tuples_only":
		s.say("Tuples only is %s.", onOff(o.tuplesOnly))
	case "footer":
		s.say("Default footer is %s.", onOff(o.footer))
	case "numericlocale":
		if o.numericLocale {
			s.say("Locale-adjusted numeric output is on.")
		} else {
			s.say("Locale-adjusted numeric output is off.")
		}
	case "null":
		s.say("Null display is \"%s\".", o.null)
	case "fieldsep", "fieldsep_zero":
		sep("Field separator", o.fieldSep)
	case "recordsep", "recordsep_zero":
		sep("Record separator", o.recordSep)
	case "csv_fieldsep":
		s.say("Field separator for CSV is \"%s\".", o.csvSep)
	case "C", "title":
		maybe(o.title, "Title is", "Title is unset.")
	case "T", "tableattr":
		maybe(o.tableAttr, "Table attributes are", "Table attributes unset.")
	case "pager":
		s.say("%s", [...]string{"Pager usage is off.", "Pager is used for long output.", "Pager is always used."}[o.pager])
	case "pager_min_lines":
		lines := "lines"
		if o.pagerMinLines == 1 {
			lines = "line"
		}
		s.say("Pager won't be used for less than %d %s.", o.pagerMinLines, lines)
	case "linestyle":
		s.say("Line style is %s.", o.line)
	case "unicode_border_linestyle":
		s.say("Unicode border line style is \"%s\".", o.uniBorder)
	case "unicode_column_linestyle":
		s.say("Unicode column line style is \"%s\".", o.uniColumn)
	case "unicode_header_linestyle":
		s.say("Unicode header line style is \"%s\".", o.uniHeader)
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
	case "H", "html":
		next := string(formatHTML)
		if sc.sh.popt.format == formatHTML {
			next = string(formatAligned)
		}
		return sc.setOption("format", &next)
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
	maybe := func(s string) string {
		if s == "" {
			return ""
		}
		return quoted(s)
	}
	for _, row := range [][2]string{
		{"border", strconv.Itoa(o.border)}, {"columns", strconv.Itoa(o.columns)}, {"csv_fieldsep", quoted(o.csvSep)},
		{"expanded", [...]string{"off", "on", "auto"}[o.expanded]},
		{"fieldsep", quoted(o.fieldSep)}, {"fieldsep_zero", onOff(o.fieldSep == "\x00")}, {"footer", onOff(o.footer)},
		{"format", string(o.format)}, {"linestyle", o.line.String()}, {"null", quoted(o.null)}, {"numericlocale", onOff(o.numericLocale)},
		{"pager", strconv.Itoa(o.pager)}, {"pager_min_lines", strconv.Itoa(o.pagerMinLines)}, {"recordsep", quoted(o.recordSep)},
		{"recordsep_zero", onOff(o.recordSep == "\x00")}, {"tableattr", maybe(o.tableAttr)}, {"title", maybe(o.title)},
		{"tuples_only", onOff(o.tuplesOnly)}, {"unicode_border_linestyle", o.uniBorder.String()},
		{"unicode_column_linestyle", o.uniColumn.String()}, {"unicode_header_linestyle", o.uniHeader.String()},
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

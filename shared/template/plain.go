package template

// plain is the grammar of texts without a structure.
type plain struct {
	line   bool // one line
	encode encoding
}

func (p *plain) literal(text string) (int, string) {
	if !p.line {
		return 0, ""
	}
	for i, r := range text {
		if isBreak(r) {
			return i, "a header is one line without control characters"
		}
	}
	return 0, ""
}

func (p *plain) value() (encoding, string) { return p.encode, "" }
func (*plain) mark() (string, string)      { return "", "" }
func (*plain) end() string                 { return "" }

package describe

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// lineWidth is where text is wrapped.
const lineWidth = 88

// WriteText writes a field for people, with the fields below it as far as they are there.
func WriteText(w io.Writer, f Field) error {
	var b bytes.Buffer
	b.WriteString(f.Path + ": " + headline(f) + "\n")
	if f.Doc != "" {
		b.WriteString("\n" + wrap(f.Doc, "  "))
	}
	writeAbout(&b, f)
	if len(f.Fields) > 0 {
		b.WriteString("\nFields (* = required):\n")
		writeFields(&b, f.Fields, "  ")
	}
	_, err := w.Write(b.Bytes())
	return err
}

// writeAbout writes what a value looks like. Prose is wrapped; what may be copied is not.
func writeAbout(b *bytes.Buffer, f Field) {
	pattern := "Form: " + f.Pattern + "\n"
	if !strings.HasPrefix(f.Pattern, matches) {
		pattern = hang("Form: ", f.Pattern)
	}
	gap := "\n"
	add := func(value, line string) {
		if value != "" {
			b.WriteString(gap + line)
			gap = ""
		}
	}
	values := strings.Join(f.Allowed, ", ")
	add(f.Pattern, pattern)
	add(values, "Allowed: "+values+"\n")
	add(f.Example, "Example: "+f.Example+"\n")
}

// WriteOverview writes one line for each of several fields, such as those of Kinds.
func WriteOverview(w io.Writer, list []Field) error {
	var b bytes.Buffer
	column := 0
	for _, f := range list {
		column = max(column, utf8.RuneCountInString(f.Path))
	}
	for _, f := range list {
		label := f.Path + strings.Repeat(" ", column-utf8.RuneCountInString(f.Path)+2)
		b.WriteString(hang(label, f.Doc))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// headline returns the type, and whether the field has to be there.
func headline(f Field) string {
	if !strings.Contains(f.Path, ".") {
		if f.Type == f.Path {
			return "fields"
		}
		return f.Type
	}
	if f.Required {
		return f.Type + ", required"
	}
	return f.Type + ", optional"
}

// writeFields writes fields below each other, those inside of them indented.
func writeFields(b *bytes.Buffer, list []Field, indent string) {
	for _, f := range list {
		name := f.Path[strings.LastIndex(f.Path, ".")+1:]
		if f.Required {
			name += "*"
		}
		fmt.Fprintf(b, "%s%s: %s\n", indent, name, f.Type)
		if f.Doc != "" {
			b.WriteString(wrap(f.Doc, indent+"    "))
		}
		writeFields(b, f.Fields, indent+"    ")
	}
}

// hang wraps text behind a label, further lines below the text.
func hang(label, text string) string {
	indent := strings.Repeat(" ", utf8.RuneCountInString(label))
	return label + strings.TrimPrefix(wrap(text, indent), indent)
}

// wrap breaks text into indented lines, each ended. A word longer than a line stays whole.
func wrap(text, indent string) string {
	var b strings.Builder
	used := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case used == 0:
			b.WriteString(indent)
			used = utf8.RuneCountInString(indent)
		case used+1+n > lineWidth:
			b.WriteString("\n" + indent)
			used = utf8.RuneCountInString(indent)
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += n
	}
	b.WriteByte('\n')
	return b.String()
}

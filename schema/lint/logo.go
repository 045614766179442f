package lint

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
)

// maxLogo is the largest logo in bytes; it is put into documents that are sent around.
const maxLogo = 1 << 20

// maxLinks is how many symbolic links a path may pass; more are a loop.
const maxLinks = 8

// flaw is what is wrong with a logo. An unsafe one may show what it should not, or run
// what it should not; another one is only not shown.
type flaw struct {
	message, hint string
	unsafe        bool
}

// logos reports the flaws of one kind of all logos.
func (p *pass) logos(unsafe bool) {
	for _, c := range p.cat.Clients {
		if c.Logo == "" {
			continue
		}
		if f, ok := p.logo(c); ok && f.unsafe == unsafe {
			p.report(c.Source, "logo", f.hint, "logo %s %s", c.Logo, f.message)
		}
	}
}

// logo looks at the logo of a client once for both rules.
func (p *pass) logo(c *schema.Client) (flaw, bool) {
	if f, known := p.flaws[c]; known {
		return f, f != flaw{}
	}
	f := inspect(p.Files, c.Logo)
	p.flaws[c] = f
	return f, f != flaw{}
}

// inspect returns the first flaw of a logo, or the zero flaw.
func inspect(files fs.FS, name string) flaw {
	outside := flaw{"lies outside the repository", "put the file into the repository and write its path from the root", true}
	if path.IsAbs(name) || !inside(name) {
		return outside
	}
	if files == nil {
		return flaw{}
	}
	target, err := follow(files, path.Clean(name))
	if errors.Is(err, errOutside) {
		return outside
	}
	var info fs.FileInfo
	if err == nil {
		info, err = fs.Stat(files, target)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return flaw{message: "does not exist", hint: "add the file, or correct the path: it counts from the root of the repository"}
	case err != nil:
		return flaw{message: "cannot be read", hint: "look at its permissions and links"}
	case !info.Mode().IsRegular():
		return flaw{message: "is not a file", hint: "write the path of a picture"}
	case info.Size() > maxLogo:
		return flaw{message: "is larger than 1 MiB", hint: "make the picture smaller"}
	}
	return inspectContent(files, target)
}

var errOutside = errors.New("outside the repository")

// inside reports whether a path stays below the root.
func inside(name string) bool {
	name = path.Clean(name)
	return name != ".." && !strings.HasPrefix(name, "../")
}

// follow resolves the symbolic links in a path without leaving the root. A file system
// that cannot tell of links has none.
func follow(files fs.FS, name string) (string, error) {
	for range maxLinks {
		link, rest, err := firstLink(files, name)
		if err != nil || link == "" {
			return name, err
		}
		to, err := fs.ReadLink(files, link)
		if err != nil {
			return "", err
		}
		to = strings.ReplaceAll(to, `\`, "/")
		name = path.Join(path.Dir(link), to, rest)
		if path.IsAbs(to) || strings.Contains(to, ":") || !inside(name) {
			return "", errOutside
		}
	}
	return "", errors.New("too many symbolic links")
}

// firstLink returns the shortest part of a path that is a symbolic link, and what follows.
func firstLink(files fs.FS, name string) (link, rest string, err error) {
	for i := 0; i <= len(name); i++ {
		if i < len(name) && name[i] != '/' {
			continue
		}
		info, err := fs.Lstat(files, name[:i])
		if err != nil {
			return "", "", err
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return name[:i], strings.TrimPrefix(name[i:], "/"), nil
		}
	}
	return "", "", nil
}

func inspectContent(files fs.FS, name string) flaw {
	f, err := files.Open(name)
	if err != nil {
		return flaw{message: "cannot be read", hint: "look at its permissions"}
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxLogo))
	switch {
	case err != nil:
		return flaw{message: "cannot be read", hint: "look at its permissions"}
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")), bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return flaw{}
	}
	return inspectSVG(b)
}

// inspectSVG reads a drawing as XML: what a browser would run is refused, and what it would
// fetch from elsewhere is told of, since documents come out without it.
func inspectSVG(b []byte) flaw {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	root, found := false, flaw{}
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && root {
			return found
		}
		if err != nil {
			return flaw{message: "is not a PNG, SVG or JPEG", hint: "save the picture in one of these forms: its content counts, not its name"}
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		if !root && e.Name.Local != "svg" {
			return flaw{message: "is not a PNG, SVG or JPEG", hint: "save the picture in one of these forms: its content counts, not its name"}
		}
		root = true
		if active(e) {
			return flaw{"holds a script", "save it as a plain drawing, or as PNG", true}
		}
		if fetches(e) {
			found = flaw{message: "shows something that lies elsewhere", hint: "put the picture into the drawing, or save it as PNG"}
		}
	}
}

// active reports whether an element of a drawing runs something: a script, a foreign
// document, a handler of an event, or an address that is code.
func active(e xml.StartElement) bool {
	switch strings.ToLower(e.Name.Local) {
	case "script", "foreignobject", "iframe", "object", "embed":
		return true
	}
	for _, a := range e.Attr {
		name, value := strings.ToLower(a.Name.Local), address(a.Value)
		if strings.HasPrefix(name, "on") || name == "href" && strings.HasPrefix(value, "javascript:") {
			return true
		}
		// An animation may put an address where none was.
		if name == "attributename" && strings.HasSuffix(value, "href") {
			return true
		}
	}
	return false
}

// fetches reports whether an element of a drawing shows what is not in it. A link shows
// nothing.
func fetches(e xml.StartElement) bool {
	if strings.EqualFold(e.Name.Local, "a") {
		return false
	}
	for _, a := range e.Attr {
		value := address(a.Value)
		if strings.EqualFold(a.Name.Local, "href") && value != "" && value[0] != '#' && !strings.HasPrefix(value, "data:") {
			return true
		}
	}
	return false
}

// address returns an address as a browser reads it: without blanks and control characters,
// wherever they stand, and whatever its case.
func address(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1
		}
		return r
	}, s))
}

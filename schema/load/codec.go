package load

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// codec writes and reads values of one Go type. Encodings hold no types and no names: what
// wrote them must have had the same type, which the fingerprint of the cache sees to. It is
// not package gob because that writes its types into every stream, so that one file could
// not be read without those before it, and takes twice the time even so.
type codec struct {
	put func(b []byte, v reflect.Value) []byte
	get func(d *decoder, v reflect.Value)
}

// decoder reads an encoding; bad is set, and zeros are read, once it does not fit. Strings
// share the memory of the encoding.
type decoder struct {
	rest string
	bad  bool
}

// compile makes the codec of a type. Every field of every struct must be exported.
func compile(t reflect.Type, done map[reflect.Type]*codec) (*codec, error) {
	if c, ok := done[t]; ok {
		return c, nil
	}
	c := &codec{}
	done[t] = c
	switch t.Kind() {
	case reflect.String:
		c.put = func(b []byte, v reflect.Value) []byte { return putString(b, v.String()) }
		c.get = func(d *decoder, v reflect.Value) { v.SetString(d.string()) }
	case reflect.Bool:
		c.put = func(b []byte, v reflect.Value) []byte {
			if v.Bool() {
				return append(b, 1)
			}
			return append(b, 0)
		}
		c.get = func(d *decoder, v reflect.Value) { v.SetBool(d.uint() != 0) }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		c.put = func(b []byte, v reflect.Value) []byte { return binary.AppendVarint(b, v.Int()) }
		c.get = func(d *decoder, v reflect.Value) { v.SetInt(d.int()) }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		c.put = func(b []byte, v reflect.Value) []byte { return binary.AppendUvarint(b, v.Uint()) }
		c.get = func(d *decoder, v reflect.Value) { v.SetUint(d.uint()) }
	case reflect.Float64:
		c.put = func(b []byte, v reflect.Value) []byte { return binary.AppendUvarint(b, math.Float64bits(v.Float())) }
		c.get = func(d *decoder, v reflect.Value) { v.SetFloat(math.Float64frombits(d.uint())) }
	case reflect.Struct:
		return c, c.structure(t, done)
	case reflect.Slice, reflect.Pointer, reflect.Map:
		return c, c.container(t, done)
	default:
		return nil, fmt.Errorf("no codec for %s", t)
	}
	return c, nil
}

// structure writes a mask of the fields that are not zero and then those fields.
func (c *codec) structure(t reflect.Type, done map[reflect.Type]*codec) error {
	fields := make([]*codec, t.NumField())
	for i := range fields {
		var err error
		if f := t.Field(i); !f.IsExported() {
			return fmt.Errorf("no codec for %s: its field %s is not exported", t, f.Name)
		} else if fields[i], err = compile(f.Type, done); err != nil {
			return err
		}
	}
	if len(fields) > 64 {
		return fmt.Errorf("no codec for %s: it has more than 64 fields", t)
	}
	c.put = func(b []byte, v reflect.Value) []byte {
		var mask uint64
		for i := range fields {
			if !v.Field(i).IsZero() {
				mask |= 1 << i
			}
		}
		b = binary.AppendUvarint(b, mask)
		for i, f := range fields {
			if mask&(1<<i) != 0 {
				b = f.put(b, v.Field(i))
			}
		}
		return b
	}
	c.get = func(d *decoder, v reflect.Value) {
		mask := d.uint()
		for i := 0; mask != 0 && i < len(fields); i, mask = i+1, mask>>1 {
			if mask&1 != 0 {
				fields[i].get(d, v.Field(i))
			}
		}
	}
	return nil
}

// container writes a count and what is contained. A field that is nil is never written, so
// an empty list in a struct stays apart from none.
func (c *codec) container(t reflect.Type, done map[reflect.Type]*codec) error {
	elem, err := compile(t.Elem(), done)
	if err != nil {
		return err
	}
	switch t.Kind() {
	case reflect.Pointer:
		c.put = func(b []byte, v reflect.Value) []byte {
			if v.IsNil() {
				return append(b, 0)
			}
			return elem.put(append(b, 1), v.Elem())
		}
		c.get = func(d *decoder, v reflect.Value) {
			if d.uint() != 0 {
				v.Set(reflect.New(t.Elem()))
				elem.get(d, v.Elem())
			}
		}
	case reflect.Slice:
		c.put = func(b []byte, v reflect.Value) []byte {
			b = binary.AppendUvarint(b, uint64(v.Len()))
			for i := range v.Len() {
				b = elem.put(b, v.Index(i))
			}
			return b
		}
		c.get = func(d *decoder, v reflect.Value) {
			n := d.count()
			v.Set(reflect.MakeSlice(t, n, n))
			for i := range n {
				elem.get(d, v.Index(i))
			}
		}
	default:
		return c.mapping(t, elem)
	}
	return nil
}

// mapping writes maps by sorted keys, which must be strings, so that equal maps give equal
// bytes.
func (c *codec) mapping(t reflect.Type, elem *codec) error {
	if t.Key().Kind() != reflect.String {
		return fmt.Errorf("no codec for %s: its keys are no strings", t)
	}
	c.put = func(b []byte, v reflect.Value) []byte {
		keys := v.MapKeys()
		slices.SortFunc(keys, func(x, y reflect.Value) int { return strings.Compare(x.String(), y.String()) })
		b = binary.AppendUvarint(b, uint64(len(keys)))
		for _, k := range keys {
			b = elem.put(putString(b, k.String()), v.MapIndex(k))
		}
		return b
	}
	c.get = func(d *decoder, v reflect.Value) {
		n := d.count()
		m := reflect.MakeMapWithSize(t, n)
		for range n {
			k, e := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
			k.SetString(d.string())
			elem.get(d, e)
			m.SetMapIndex(k, e)
		}
		v.Set(m)
	}
	return nil
}

func putString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func (d *decoder) uint() uint64 {
	var x uint64
	for i := 0; i < len(d.rest) && i < binary.MaxVarintLen64; i++ {
		c := d.rest[i]
		x |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.rest = d.rest[i+1:]
			return x
		}
	}
	d.rest, d.bad = "", true
	return 0
}

func (d *decoder) int() int64 {
	x := d.uint()
	return int64(x>>1) ^ -int64(x&1)
}

// count reads a number of things, each of which takes at least a byte.
func (d *decoder) count() int {
	n := d.uint()
	if n > uint64(len(d.rest)) {
		d.rest, d.bad = "", true
		return 0
	}
	return int(n)
}

func (d *decoder) string() string {
	n := d.count()
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

// describe writes down a type with all that it holds, for the fingerprint.
func describe(b *strings.Builder, t reflect.Type, seen map[reflect.Type]bool) {
	fmt.Fprintf(b, "%s %s\n", t, t.Kind())
	if seen[t] {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			fmt.Fprintf(b, "%s ", t.Field(i).Name)
			describe(b, t.Field(i).Type, seen)
		}
	case reflect.Slice, reflect.Pointer, reflect.Map:
		describe(b, t.Elem(), seen)
	}
}

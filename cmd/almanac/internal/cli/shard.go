package cli

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"
)

// shard is one of several equal parts of the clients. The zero shard holds all of them.
type shard struct{ number, of int }

// maxShards is how many jobs GitHub Actions makes of a matrix at most.
const maxShards = 256

// parseShard reads i/n, with i from 1 to n.
func parseShard(s string) (shard, error) {
	if s == "" {
		return shard{}, nil
	}
	number, of, ok := strings.Cut(s, "/")
	i, err := strconv.Atoi(number)
	n, err2 := strconv.Atoi(of)
	if !ok || err != nil || err2 != nil || n < 1 || n > maxShards || i < 1 || i > n {
		return shard{}, usage("--shard 1/4", "--shard %q: expected i/n with i from 1 to n and n at most %d", s, maxShards)
	}
	return shard{i, n}, nil
}

// holds reports whether a client belongs to the shard. It depends on the id alone, so that
// every client is in exactly one part whatever others come and go.
func (s shard) holds(id string) bool {
	if s.of == 0 {
		return true
	}
	sum := sha256.Sum256([]byte(id))
	return int(binary.BigEndian.Uint64(sum[:8])%uint64(s.of)) == s.number-1
}

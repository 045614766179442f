package github

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// tokens gives the token of a request, and takes every token it gave out of a text.
type tokens interface {
	token(ctx context.Context) (string, error)
	redact(s string) string
}

func (f *Forge) newTokens(o Options) (tokens, error) {
	switch {
	case strings.ContainsAny(o.Token, " \t\r\n"):
		return nil, errors.New("the GitHub token has a space or a line break in it: copy it again")
	case o.Token != "":
		return &staticToken{value: o.Token}, nil
	case o.App != nil:
		return newAppTokens(f, *o.App)
	}
	return nil, errors.New("there is no GitHub token: set GITHUB_TOKEN")
}

// staticToken is a token that does not change. It is always held by its address, so that
// printing what holds it does not print it.
type staticToken struct{ value string }

func (s *staticToken) token(context.Context) (string, error) { return s.value, nil }
func (s *staticToken) redact(text string) string             { return mask(text, s.value) }

func mask(text, token string) string {
	if token == "" {
		return text
	}
	return strings.ReplaceAll(text, token, "***")
}

// App is a GitHub App that is installed in the repository.
type App struct {
	// ID is the number or the client id of the app.
	ID string
	// Installation is the number of the installation, from its address on GitHub.
	Installation int64
	// Key is the private key in PEM form, as GitHub lets one download it.
	Key []byte
}

// appTokens makes installation tokens that may write the issues of the one repository and
// nothing else. It signs with the standard library instead of using
// bradleyfalzon/ghinstallation v2.11.0, the one that goes with this go-github, because three
// things that hold here would not hold there:
//
//   - The time is GitHub's. That module asks the machine, both for the proof that it signs
//     and for when a token ends, and takes no clock. On a machine that is three hours slow
//     or fast GitHub refuses the proof, and a token is used for hours after its end.
//   - An app may be named by its client id, which GitHub asks for; there it is a number.
//   - The key makes no proof that is not known here, so that none can be printed. There the
//     errors hold the answer, and with it the request and its header.
//
// Its signer can be replaced and its cache gone round, one client for each token; what is
// left of it then is one POST, for two modules more.
type appTokens struct {
	forge        *Forge
	id           string
	installation int64
	key          *rsa.PrivateKey

	mu      sync.Mutex
	current string
	expires time.Time

	// secrets guards given, all tokens and proofs so far; it is apart from mu, which is held
	// while GitHub is asked.
	secrets sync.Mutex
	given   []string
}

func newAppTokens(f *Forge, a App) (*appTokens, error) {
	if a.ID == "" || a.Installation <= 0 {
		return nil, errors.New("the GitHub App needs its id and the number of its installation")
	}
	key, err := parseKey(a.Key)
	if err != nil {
		return nil, err
	}
	return &appTokens{forge: f, id: a.ID, installation: a.Installation, key: key}, nil
}

// parseKey reads a private key. No part of what it got is in the error.
func parseKey(text []byte) (*rsa.PrivateKey, error) {
	bad := errors.New("the key of the GitHub App cannot be read: expected the .pem file that GitHub made, with its BEGIN and END lines")
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, bad
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, bad
	}
	key, ok := any.(*rsa.PrivateKey)
	if !ok {
		return nil, bad
	}
	return key, nil
}

// spare is how long before its end a token is no longer used: longer than a request waits.
const spare = 6 * time.Minute

// token returns the installation token, a new one when the old one ends soon.
func (a *appTokens) token(ctx context.Context) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current != "" && a.time().Before(a.expires.Add(-spare)) {
		return a.current, nil
	}
	var got struct {
		Token     string    `json:"token"`
		ExpiresAt time.Time `json:"expires_at"`
	}
	ask := map[string]any{
		"repositories": []string{a.forge.repo},
		"permissions":  map[string]string{"issues": "write", "metadata": "read"},
	}
	path := fmt.Sprintf("app/installations/%d/access_tokens", a.installation)
	const op = "get a token for the GitHub App"
	if err := a.call(ctx, op, http.MethodPost, path, ask, &got); err != nil {
		return "", err
	}
	if got.Token == "" {
		return "", &failure{op: op, text: "there is none in the answer"}
	}
	a.current, a.expires = got.Token, got.ExpiresAt
	a.note(got.Token)
	return a.current, nil
}

// slug returns the name of the app as its account has it.
func (a *appTokens) slug(ctx context.Context) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var app struct {
		Slug string `json:"slug"`
	}
	const op = "ask for the GitHub App"
	err := a.call(ctx, op, http.MethodGet, "app", nil, &app)
	if err == nil && app.Slug == "" {
		err = &failure{op: op, text: "there is no name in the answer"}
	}
	return app.Slug, err
}

// call asks as the app itself. The caller holds the lock. A machine whose clock is far off
// is refused at first; the answer has the right time, so it is asked once more.
func (a *appTokens) call(ctx context.Context, op, method, path string, in, out any) error {
	_, known := a.forge.wire.clock()
	err := a.callOnce(ctx, op, method, path, in, out)
	if statusOf(err) == http.StatusUnauthorized && !known {
		err = a.callOnce(ctx, op, method, path, in, out)
	}
	if statusOf(err) == http.StatusUnauthorized || statusOf(err) == http.StatusNotFound {
		return &failure{op: op, text: "GitHub does not know the app: check its id, its key, and that it is installed in the repository"}
	}
	return err
}

func (a *appTokens) callOnce(ctx context.Context, op, method, path string, in, out any) error {
	proof, err := a.sign()
	if err != nil {
		return err
	}
	a.note(proof)
	req, err := a.forge.client.NewRequest(method, path, in)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+proof)
	_, err = a.forge.send(ctx, op, req, out)
	return err
}

// time is the time by GitHub's clock where that is known.
func (a *appTokens) time() time.Time {
	if t, ok := a.forge.wire.clock(); ok {
		return t
	}
	return a.forge.wire.now()
}

// sign makes the proof that we hold the key, a JSON Web Token (RFC 7519) with RS256. It
// begins a minute ago, for clocks that differ, and ends before the ten minutes that GitHub
// allows.
func (a *appTokens) sign() (string, error) {
	now := a.time()
	claims, err := json.Marshal(map[string]any{"iat": now.Add(-time.Minute).Unix(), "exp": now.Add(8 * time.Minute).Unix(), "iss": a.id})
	if err != nil {
		return "", err
	}
	enc := base64.RawURLEncoding
	text := enc.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + enc.EncodeToString(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", errors.New("sign as the GitHub App: the key does not work")
	}
	return text + "." + enc.EncodeToString(signature), nil
}

// note keeps what must never be printed.
func (a *appTokens) note(token string) {
	a.secrets.Lock()
	defer a.secrets.Unlock()
	a.given = append(a.given, token)
}

func (a *appTokens) redact(text string) string {
	a.secrets.Lock()
	defer a.secrets.Unlock()
	for _, t := range a.given {
		text = mask(text, t)
	}
	return text
}

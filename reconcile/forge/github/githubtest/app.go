package githubtest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const opAppToken = "apps/create-installation-access-token"

// App is a GitHub App that is installed in the repository.
type App struct {
	ID           string
	Installation int64
	Slug         string
	Key          *rsa.PublicKey
	// Lifetime of its tokens; 0 is an hour.
	Lifetime time.Duration
}

// app is an App in use.
type app struct {
	App
	tokens int
}

// SetApp installs an app.
func (s *Server) SetApp(a App) {
	if a.Lifetime == 0 {
		a.Lifetime = time.Hour
	}
	s.set(func() { s.apps[a.ID] = &app{App: a} })
}

// admitApp checks the proof of an app: an RS256 token, issued before now, for at most ten
// minutes.
func (s *Server) admitApp(c *call) *answer {
	proof, _ := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	a, err := s.appOf(proof, c.now)
	if err != nil {
		return message(http.StatusUnauthorized, err.Error())
	}
	if n := c.params["installation_id"]; n != "" && n != strconv.FormatInt(a.Installation, 10) {
		return message(http.StatusNotFound, "Not Found")
	}
	c.params["app"] = a.ID
	return nil
}

func (s *Server) appOf(proof string, now time.Time) (*app, error) {
	parts := strings.Split(proof, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("a JSON web token could not be decoded")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, err
	}
	var claims struct {
		Iat, Exp int64
		Iss      string
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return nil, err
	}
	a := s.apps[claims.Iss]
	switch {
	case a == nil:
		return nil, fmt.Errorf("integration not found")
	case claims.Iat > now.Unix():
		return nil, fmt.Errorf("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	case claims.Exp <= now.Unix(), claims.Exp > now.Add(10*time.Minute).Unix():
		return nil, fmt.Errorf("'Expiration time' claim ('exp') is too far in the future")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	return a, rsa.VerifyPKCS1v15(a.Key, crypto.SHA256, sum[:], signature)
}

func (s *Server) getApp(c *call) *answer {
	a := s.apps[c.params["app"]]
	return reply(http.StatusOK, object{
		"id": 1, "node_id": "A_1", "name": a.Slug, "slug": a.Slug, "html_url": "https://github.example/apps/" + a.Slug, "external_url": "https://northwind.example",
		"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "permissions": object{"issues": "write"}, "events": []string{},
	})
}

// checkAppAsk refuses a token that may more than the client needs: without a list GitHub gives
// one for every repository of the installation and everything that the app may.
func (s *Server) checkAppAsk(c *call) {
	ask := fields[struct {
		Repositories []string
		Permissions  map[string]string
	}](c)
	if !slices.Equal(ask.Repositories, []string{s.repo.name}) || !maps.Equal(ask.Permissions, map[string]string{"issues": "write", "metadata": "read"}) {
		s.tb.Errorf("githubtest: an app asks for a token for %q that may %v, which is not what issues need", ask.Repositories, ask.Permissions)
	}
}

func (s *Server) createAppToken(c *call) *answer {
	s.checkAppAsk(c)
	a := s.apps[c.params["app"]]
	a.tokens++
	token := fmt.Sprintf("ghs_SENTINELinstallation%d", a.tokens)
	expires := c.now.Add(a.Lifetime)
	s.tokens[token] = &account{Account: Account{Login: a.Slug + "[bot]", Integration: true}, expires: expires}
	return reply(http.StatusCreated, object{"token": token, "expires_at": stamp(expires), "permissions": object{"issues": "write", "metadata": "read"}, "repository_selection": "selected"})
}

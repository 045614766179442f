package githubtest

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

//go:embed testdata/openapi-cut.json testdata/openapi-app.json
var descriptions embed.FS

// contract is GitHub's description of its interface.
type contract struct{ router routers.Router }

// loadContract reads the description once a process: it is the same for every server.
var loadContract = sync.OnceValues(func() (*contract, error) {
	main, err := descriptions.ReadFile("testdata/openapi-cut.json")
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(main)
	if err != nil {
		return nil, err
	}
	more, err := descriptions.ReadFile("testdata/openapi-app.json")
	if err != nil {
		return nil, err
	}
	var paths map[string]*openapi3.PathItem
	if err := json.Unmarshal(more, &paths); err != nil {
		return nil, err
	}
	for path, item := range paths {
		doc.Paths.Set(path, item)
	}
	doc.Servers = nil
	router, err := gorillamux.NewRouter(doc)
	return &contract{router: router}, err
})

// exchange is one request that the description knows.
type exchange struct {
	operation string
	params    map[string]string
	input     *openapi3filter.RequestValidationInput
}

// request finds the operation that a request asks for and checks the request against it.
// path is below the base. An operation that is found comes even with an error.
func (c *contract) request(r *http.Request, path string, body []byte) (*exchange, error) {
	checked := r.Clone(context.Background())
	checked.URL = &url.URL{Scheme: "https", Host: "api.github.com", Path: path, RawQuery: r.URL.RawQuery}
	if unescaped, err := url.PathUnescape(path); err == nil {
		checked.URL.Path, checked.URL.RawPath = unescaped, path
	}
	checked.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := c.router.FindRoute(checked)
	if err != nil {
		return nil, fmt.Errorf("GitHub has no %s %s, or it is not in the description here: %w", r.Method, path, err)
	}
	x := &exchange{operation: route.Operation.OperationID, params: params}
	x.input = &openapi3filter.RequestValidationInput{Request: checked, PathParams: params, Route: route, QueryParams: checked.URL.Query()}
	if err := openapi3filter.ValidateRequest(context.Background(), x.input); err != nil {
		return x, err
	}
	if err := knownQuery(route, checked.URL.Query()); err != nil {
		return x, err
	}
	return x, knownFields(route, body)
}

// knownQuery refuses what the description does not name: GitHub would pass over it, and a
// filter that is passed over returns everything. The cursors stand in the addresses that
// GitHub gives, though not in its description.
func knownQuery(route *routers.Route, q url.Values) error {
	known := []string{"after", "before"}
	for _, list := range []openapi3.Parameters{route.PathItem.Parameters, route.Operation.Parameters} {
		for _, p := range list {
			if p.Value != nil && p.Value.In == "query" {
				known = append(known, p.Value.Name)
			}
		}
	}
	for name := range q {
		if !slices.Contains(known, name) {
			return fmt.Errorf("%s takes no parameter %q", route.Operation.OperationID, name)
		}
	}
	return nil
}

// knownFields refuses fields of the body that the description does not name.
func knownFields(route *routers.Route, body []byte) error {
	var got map[string]json.RawMessage
	if len(body) == 0 {
		return nil
	}
	if route.Operation.RequestBody == nil {
		return fmt.Errorf("%s takes no body", route.Operation.OperationID)
	}
	if json.Unmarshal(body, &got) != nil {
		return fmt.Errorf("%s: the body is not an object", route.Operation.OperationID)
	}
	schema := route.Operation.RequestBody.Value.Content.Get("application/json").Schema.Value
	for name := range got {
		if !hasProperty(schema, name) {
			return fmt.Errorf("%s takes no field %q", route.Operation.OperationID, name)
		}
	}
	return nil
}

func hasProperty(s *openapi3.Schema, name string) bool {
	if _, ok := s.Properties[name]; ok {
		return true
	}
	return slices.ContainsFunc(s.OneOf, func(r *openapi3.SchemaRef) bool { return hasProperty(r.Value, name) })
}

// response checks an answer. Refusals that GitHub gives everywhere are not in the
// description of each operation.
func (c *contract) response(x *exchange, a answer) error {
	if x.input.Route.Operation.Responses.Status(a.status) == nil {
		if a.status < 300 {
			return fmt.Errorf("%s does not answer %d", x.operation, a.status)
		}
		return nil
	}
	header := a.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if len(a.body) > 0 {
		header.Set("Content-Type", "application/json; charset=utf-8")
	}
	err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: x.input, Status: a.status, Header: header,
		Body: io.NopCloser(bytes.NewReader(a.body)),
	})
	if err != nil {
		return fmt.Errorf("the answer %d to %s: %w", a.status, x.operation, trimmed(err))
	}
	return nil
}

// trimmed keeps the first lines of an error: a whole schema follows them.
func trimmed(err error) error {
	lines := strings.SplitN(err.Error(), "\n", 4)
	return fmt.Errorf("%s", strings.Join(lines[:min(3, len(lines))], " "))
}

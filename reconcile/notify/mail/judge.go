package mail

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	"github.com/wneessen/go-mail"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/notify/post"
)

// errDial marks a connection that was never made.
var errDial = errors.New("not connected")

// failure is an attempt that did not succeed.
type failure struct {
	*post.Error
	// again says that another attempt does no harm and may help, refused that the server
	// does not take one of the recipients.
	again, refused bool
}

// judge says what an error means. Of its text nothing is passed on: servers repeat in their
// answers what they were told.
func (m *Mail) judge(err error) *failure {
	var sent *mail.SendError
	if errors.As(err, &sent) {
		return m.judgeSending(sent)
	}
	f := &failure{Error: m.fail("", true)}
	var certificate *tls.CertificateVerificationError
	var answer *textproto.Error
	switch {
	case errors.Is(err, errDial):
		f.What, f.again = "cannot be reached: check the network, the host and the port", true
	case errors.As(err, &certificate):
		f.What = "its certificate is not trusted"
	case errors.Is(err, mail.ErrPlainAuthNotSupported), errors.Is(err, mail.ErrLoginAuthNotSupported), errors.Is(err, mail.ErrXOauth2AuthNotSupported),
		strings.Contains(err.Error(), "does not support SMTP AUTH"):
		f.What = "does not offer this way to log in: try auth=plain, auth=login or auth=xoauth2"
	case strings.Contains(err.Error(), "does not support STARTTLS"):
		f.What = "does not offer STARTTLS: nothing is sent without encryption"
	case errors.As(err, &answer) && (answer.Code == 421 || answer.Code == 454):
		f.What, f.again = fmt.Sprintf("takes no more for now (%d)", answer.Code), true
		f.Is = reconcile.ErrDeferred
	case errors.As(err, &answer):
		f.What = fmt.Sprintf("refuses the login (%d): check the name and the password or token; Microsoft 365 refuses passwords unless they are switched on, use auth=xoauth2", answer.Code)
	default:
		f.What, f.again = "ended the conversation, or did not answer in time", true
	}
	return f
}

// judgeSending judges what went wrong after the login.
func (m *Mail) judgeSending(e *mail.SendError) *failure {
	code := e.ErrorCode()
	answer := fmt.Sprint(code)
	if s := e.EnhancedStatusCode(); s != "" {
		answer += " " + s
	}
	f := &failure{Error: m.fail("refuses the message ("+answer+")", false)}
	switch {
	case e.Reason == mail.ErrSMTPDataClose && code == 0:
		// The whole message was sent, and whether it was taken was not said.
		f.What, f.Is, f.Down = "no answer came: the message may have been taken", reconcile.ErrUnknownOutcome, true
	case code == 0:
		f.What, f.Down, f.again = "ended the conversation, or did not answer in time", true, true
	case code < 500:
		f.What, f.again, f.Is = "takes no more for now ("+answer+")", true, reconcile.ErrDeferred
	case e.Reason == mail.ErrSMTPRcptTo:
		f.What, f.refused = "refuses a recipient ("+answer+")", true
	case e.Reason == mail.ErrSMTPMailFrom:
		f.What, f.Down = "refuses the sender ("+answer+"): check from in almanac.yaml", true
	}
	return f
}

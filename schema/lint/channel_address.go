package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var channelAddress = rule{
	Rule: Rule{ID: "lint/channel-address", Severity: diag.Warning, Summary: "a channel that does not say where to deliver"},
	run: func(p *pass) {
		o := p.cat.Organization
		if o == nil {
			return
		}
		for i, c := range o.Channels {
			switch {
			case c.Type != "email" && c.TokenFrom != nil:
				p.report(o.Source, at("channels", i, "token-from"), "take it out",
					"channel %q is not of the type email, so token-from does nothing", c.ID)
			case c.Type == "comment":
			case c.Type == "email" && c.ServerFrom == nil:
				p.report(o.Source, at("channels", i), "add server-from: {env: SMTP_URL}",
					"channel %q cannot deliver: it does not say where the mail server is", c.ID)
			case c.Type == "email" && c.From == "":
				p.report(o.Source, at("channels", i), "add from with an address of the staff",
					"channel %q cannot deliver: it does not say whom its mail comes from", c.ID)
			case c.Type != "email" && c.URLFrom == nil:
				p.report(o.Source, at("channels", i), "add url-from: {env: NAME_OF_A_VARIABLE}",
					"channel %q cannot deliver: it does not say where its webhook is", c.ID)
			}
		}
	},
}

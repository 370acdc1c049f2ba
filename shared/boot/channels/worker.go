package channels

import (
	"cmp"
	"net"

	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/chat"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/channel"
	"github.com/quintet-agents/quintet/shared/channel/meta"
	"github.com/quintet-agents/quintet/shared/channel/ses"
	"github.com/quintet-agents/quintet/shared/channel/twilio"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/inbox"
)

// MetaWorker returns the worker of WhatsApp, Instagram and Messenger.
func MetaWorker(d *boot.Deps) boot.Work { return worker(d, connection.MetaVendor, MetaProvider(d)) }

// TwilioWorker returns the worker of Twilio's channels.
func TwilioWorker(d *boot.Deps) boot.Work {
	return worker(d, connection.TwilioVendor, TwilioProvider(d))
}

// MetaProvider returns the provider of each channel of Meta.
func MetaProvider(d *boot.Deps) func(connection.Channel) channel.Provider {
	conf := d.Config()
	client := meta.NewClient(later.ProviderHTTP(d), cmp.Or(conf.MetaGraphURL, meta.DefaultURL), cmp.Or(conf.MetaGraphVersion, meta.DefaultVersion))
	client.InstagramURL = cmp.Or(conf.InstagramURL, client.InstagramURL)
	of := map[connection.Channel]channel.Provider{
		connection.WhatsApp:  meta.WhatsApp{Client: client},
		connection.Instagram: meta.Instagram{Client: client},
		connection.Messenger: meta.Messenger{Client: client},
	}
	return func(c connection.Channel) channel.Provider { return of[c] }
}

// TwilioProvider returns the provider of Twilio's channels.
func TwilioProvider(d *boot.Deps) func(connection.Channel) channel.Provider {
	client := twilio.NewClient(later.ProviderHTTP(d), cmp.Or(d.Config().TwilioURL, twilio.DefaultURL), d.Config().BaseURL)
	return func(connection.Channel) channel.Provider { return client }
}

// MailWorker returns the worker of mail.
func MailWorker(d *boot.Deps) boot.Work { return worker(d, connection.MailVendor, MailProvider(d)) }

// MailProvider returns the provider that sends mail.
func MailProvider(d *boot.Deps) func(connection.Channel) channel.Provider {
	conf := d.Config()
	client := ses.New(d.AWS("ses", cmp.Or(conf.SESEndpoint, conf.Endpoint)), net.DefaultResolver, d.Now)
	return func(connection.Channel) channel.Provider { return client }
}

func worker(d *boot.Deps, v connection.Vendor, providers func(connection.Channel) channel.Provider) boot.Work {
	w := &inbox.Worker{
		Store: d.Store(), Turns: chat.Engine(d), Accounts: accounts(d), Providers: providers, Workers: later.Inbox(d, v), Now: d.Now,
	}
	return boot.Bodies(w.Work)
}

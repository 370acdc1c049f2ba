// Package routes lists every function with its starter and the maker of its handler.
// The local runner and the tests import it. Functions must not, because the list would
// link all handlers into each binary.
package routes

import (
	"net/http"

	"github.com/quintet-agents/quintet/shared/api/agentflow"
	"github.com/quintet-agents/quintet/shared/api/flametalk"
	"github.com/quintet-agents/quintet/shared/api/flapjack"
	"github.com/quintet-agents/quintet/shared/api/flexyagents"
	"github.com/quintet-agents/quintet/shared/api/flowgent"
	"github.com/quintet-agents/quintet/shared/api/health"
	"github.com/quintet-agents/quintet/shared/api/inbound"
	"github.com/quintet-agents/quintet/shared/api/inbound/hook"
	"github.com/quintet-agents/quintet/shared/api/manage/agent"
	"github.com/quintet-agents/quintet/shared/api/manage/automation"
	"github.com/quintet-agents/quintet/shared/api/manage/connection"
	"github.com/quintet-agents/quintet/shared/api/manage/contact"
	"github.com/quintet-agents/quintet/shared/api/manage/credits"
	"github.com/quintet-agents/quintet/shared/api/manage/key"
	"github.com/quintet-agents/quintet/shared/api/manage/member"
	"github.com/quintet-agents/quintet/shared/api/manage/operator"
	"github.com/quintet-agents/quintet/shared/api/manage/org"
	"github.com/quintet-agents/quintet/shared/api/manage/run"
	"github.com/quintet-agents/quintet/shared/api/manage/session"
	"github.com/quintet-agents/quintet/shared/api/manage/thread"
	"github.com/quintet-agents/quintet/shared/api/manage/tool"
	"github.com/quintet-agents/quintet/shared/api/manage/turns"
	"github.com/quintet-agents/quintet/shared/api/manage/webhook"
	"github.com/quintet-agents/quintet/shared/api/openapi"
	"github.com/quintet-agents/quintet/shared/boot"
	"github.com/quintet-agents/quintet/shared/boot/automations"
	"github.com/quintet-agents/quintet/shared/boot/channels"
	"github.com/quintet-agents/quintet/shared/boot/chat"
	"github.com/quintet-agents/quintet/shared/boot/desk"
	"github.com/quintet-agents/quintet/shared/boot/later"
	"github.com/quintet-agents/quintet/shared/boot/schedules"
	"github.com/quintet-agents/quintet/shared/boot/login"
	"github.com/quintet-agents/quintet/shared/boot/tools"
	"github.com/quintet-agents/quintet/shared/boot/whatsapp"
	"github.com/quintet-agents/quintet/shared/ledger"
	"github.com/quintet-agents/quintet/shared/turn"
)

// Route is a function: its folder's name and its maker. Exactly one of the makers is
// set.
type Route struct {
	Function string
	HTTP     func(*boot.Deps) http.Handler
	Stream   func(*boot.Deps) http.Handler
	Schedule func(*boot.Deps) boot.Job
	Queue    func(*boot.Deps) boot.Work
	Changes  func(*boot.Deps) boot.Follow
}

// Start runs the function until its process ends.
func (r Route) Start() {
	switch {
	case r.HTTP != nil:
		boot.HTTP(r.HTTP)
	case r.Stream != nil:
		boot.Stream(r.Stream)
	case r.Schedule != nil:
		boot.Schedule(r.Schedule)
	case r.Queue != nil:
		boot.Queue(r.Queue)
	case r.Changes != nil:
		boot.Changes(r.Changes)
	}
}

// Handler returns the route's handler, or nil for a function without HTTP.
func (r Route) Handler(d *boot.Deps) http.Handler {
	switch {
	case r.HTTP != nil:
		return r.HTTP(d)
	case r.Stream != nil:
		return r.Stream(d)
	}
	return nil
}

// All lists the functions. Tests compare it with functions/ and template.yaml.
var All = []Route{
	{Function: "agentflow-chat-create", Stream: func(d *boot.Deps) http.Handler { return agentflow.ChatCreate(d.Auth(), chat.Engine(d), d.TopUpURL()) }},
	{Function: "flapjack-agent-list", HTTP: func(d *boot.Deps) http.Handler { return flapjack.AgentList(d.Auth(), d.Store(), d.DefaultModel()) }},
	{Function: "flapjack-thread-create", HTTP: func(d *boot.Deps) http.Handler { return flapjack.ThreadCreate(d.Auth(), d.Store(), d.Now) }},
	{Function: "flapjack-thread-list", HTTP: func(d *boot.Deps) http.Handler { return flapjack.ThreadList(d.Auth(), d.Store()) }},
	{Function: "flapjack-thread-get", HTTP: func(d *boot.Deps) http.Handler { return flapjack.ThreadGet(d.Auth(), d.Store()) }},
	{Function: "flapjack-thread-delete", HTTP: func(d *boot.Deps) http.Handler { return flapjack.ThreadDelete(d.Auth(), d.Store(), d.Now) }},
	{Function: "flapjack-message-list", Stream: func(d *boot.Deps) http.Handler { return flapjack.MessageList(d.Auth(), d.Store()) }},
	{Function: "flapjack-message-create", Stream: func(d *boot.Deps) http.Handler { return flapjack.MessageCreate(d.Auth(), chat.Engine(d)) }},
	{Function: "flowgent-agent-list", HTTP: func(d *boot.Deps) http.Handler { return flowgent.AgentList(d.Auth(), d.Store(), d.DefaultModel()) }},
	{Function: "flowgent-chat-create", Stream: func(d *boot.Deps) http.Handler { return flowgent.ChatCreate(d.Auth(), chat.Engine(d), later.Intake(d)) }},
	{Function: "flowgent-template-create", HTTP: func(d *boot.Deps) http.Handler {
		return flowgent.TemplateCreate(d.Auth(), d.Store(), whatsapp.Outbox(d), whatsapp.Phone)
	}},
	{Function: "flametalk-agent-list", HTTP: func(d *boot.Deps) http.Handler { return flametalk.AgentList(d.Auth(), d.Store()) }},
	{Function: "flametalk-agent-create", HTTP: func(d *boot.Deps) http.Handler { return flametalk.AgentCreate(d.Auth(), d.Store(), d.Now) }},
	{Function: "flametalk-agent-get", HTTP: func(d *boot.Deps) http.Handler { return flametalk.AgentGet(d.Auth(), d.Store()) }},
	{Function: "flametalk-agent-update", HTTP: func(d *boot.Deps) http.Handler { return flametalk.AgentUpdate(d.Auth(), d.Store(), d.Now) }},
	{Function: "flametalk-agent-delete", HTTP: func(d *boot.Deps) http.Handler { return flametalk.AgentDelete(d.Auth(), d.Store()) }},
	{Function: "flametalk-version-deploy", HTTP: func(d *boot.Deps) http.Handler { return flametalk.VersionDeploy(d.Auth(), d.Store(), d.Now) }},
	{Function: "openapi-get", HTTP: func(*boot.Deps) http.Handler { return openapi.Get() }},

	{Function: "health-get", HTTP: func(*boot.Deps) http.Handler { return health.Get() }},
	{Function: "readiness-get", HTTP: func(d *boot.Deps) http.Handler { return health.Ready(d.Store()) }},
	{Function: "flexyagents-chat-create", Stream: func(d *boot.Deps) http.Handler { return flexyagents.ChatCreate(d.Auth(), chat.Engine(d)) }},
	{Function: "manage-session-create", HTTP: func(d *boot.Deps) http.Handler { return session.Create(login.Gate(d), d.Store(), d.Now) }},
	{Function: "manage-session-delete", HTTP: func(d *boot.Deps) http.Handler { return session.Delete(d.Auth(), d.Store(), d.Now) }},
	{Function: "manage-org-get", HTTP: func(d *boot.Deps) http.Handler { return org.Get(d.Auth(), d.Store()) }},
	{Function: "manage-org-update", HTTP: func(d *boot.Deps) http.Handler { return org.Update(d.Auth(), d.Store()) }},
	{Function: "manage-member-list", HTTP: func(d *boot.Deps) http.Handler { return member.List(d.Auth(), d.Store()) }},
	{Function: "manage-member-create", HTTP: func(d *boot.Deps) http.Handler { return member.Create(d.Auth(), d.Store(), login.Members(d)) }},
	{Function: "manage-member-update", HTTP: func(d *boot.Deps) http.Handler { return member.Update(d.Auth(), d.Store()) }},
	{Function: "manage-member-delete", HTTP: func(d *boot.Deps) http.Handler { return member.Delete(d.Auth(), d.Store(), login.Members(d)) }},
	{Function: "manage-key-list", HTTP: func(d *boot.Deps) http.Handler { return key.List(d.Auth(), d.Store()) }},
	{Function: "manage-key-create", HTTP: func(d *boot.Deps) http.Handler { return key.Create(d.Auth(), d.Store(), d.Now) }},
	{Function: "manage-key-delete", HTTP: func(d *boot.Deps) http.Handler { return key.Delete(d.Auth(), d.Store(), d.Now) }},
	{Function: "agentflow-me-get", HTTP: func(d *boot.Deps) http.Handler { return agentflow.MeGet(d.Auth(), d.Store()) }},
	{Function: "agentflow-key-list", HTTP: func(d *boot.Deps) http.Handler { return agentflow.KeyList(d.Auth(), d.Store()) }},
	{Function: "agentflow-key-create", HTTP: func(d *boot.Deps) http.Handler { return agentflow.KeyCreate(d.Auth(), d.Store(), d.Now) }},
	{Function: "agentflow-key-delete", HTTP: func(d *boot.Deps) http.Handler { return agentflow.KeyDelete(d.Auth(), d.Store(), d.Now) }},
	{Function: "flowgent-usage-get", HTTP: func(d *boot.Deps) http.Handler { return flowgent.UsageGet(d.Auth(), d.Store(), d.Now) }},
	{Function: "manage-credits-get", HTTP: func(d *boot.Deps) http.Handler { return credits.Get(d.Auth(), d.Store()) }},
	{Function: "manage-entry-list", HTTP: func(d *boot.Deps) http.Handler { return credits.EntryList(d.Auth(), d.Store()) }},
	{Function: "manage-usage-list", HTTP: func(d *boot.Deps) http.Handler { return credits.UsageList(d.Auth(), d.Store(), d.Now) }},
	{Function: "manage-webhook-list", HTTP: func(d *boot.Deps) http.Handler { return webhook.List(d.Auth(), d.Store()) }},
	{Function: "manage-webhook-create", HTTP: func(d *boot.Deps) http.Handler {
		return webhook.Create(d.Auth(), d.Store(), later.Secrets(d), later.URLs(d), d.Now)
	}},
	{Function: "manage-webhook-get", HTTP: func(d *boot.Deps) http.Handler { return webhook.Get(d.Auth(), d.Store()) }},
	{Function: "manage-webhook-update", HTTP: func(d *boot.Deps) http.Handler { return webhook.Update(d.Auth(), d.Store(), later.URLs(d)) }},
	{Function: "manage-webhook-delete", HTTP: func(d *boot.Deps) http.Handler { return webhook.Delete(d.Auth(), d.Store()) }},
	{Function: "manage-webhook-rotate", HTTP: func(d *boot.Deps) http.Handler { return webhook.Rotate(d.Auth(), d.Store(), later.Secrets(d)) }},
	{Function: "manage-webhook-test", HTTP: func(d *boot.Deps) http.Handler {
		return webhook.Test(d.Auth(), d.Store(), later.Deliveries(d), d.Now)
	}},
	{Function: "manage-delivery-list", HTTP: func(d *boot.Deps) http.Handler { return webhook.DeliveryList(d.Auth(), d.Store()) }},
	{Function: "manage-delivery-get", HTTP: func(d *boot.Deps) http.Handler { return webhook.DeliveryGet(d.Auth(), d.Store()) }},
	{Function: "manage-delivery-replay", HTTP: func(d *boot.Deps) http.Handler {
		return webhook.DeliveryReplay(d.Auth(), d.Store(), later.Deliveries(d), d.Now)
	}},
	{Function: "manage-range-replay", HTTP: func(d *boot.Deps) http.Handler {
		return webhook.RangeReplay(d.Auth(), d.Store(), later.Deliveries(d), d.Now)
	}},
	{Function: "manage-settings-get", HTTP: func(d *boot.Deps) http.Handler { return agent.SettingsGet(d.Auth(), d.Store()) }},
	{Function: "manage-settings-update", HTTP: func(d *boot.Deps) http.Handler {
		return agent.SettingsUpdate(d.Auth(), d.Store(), later.AgentSecrets(d), later.URLs(d), d.Now)
	}},
	{Function: "manage-version-list", HTTP: func(d *boot.Deps) http.Handler { return agent.VersionList(d.Auth(), d.Store()) }},
	{Function: "manage-version-get", HTTP: func(d *boot.Deps) http.Handler { return agent.VersionGet(d.Auth(), d.Store()) }},
	{Function: "manage-tool-list", HTTP: func(d *boot.Deps) http.Handler { return tool.List(d.Auth(), d.Store()) }},
	{Function: "manage-tool-create", HTTP: func(d *boot.Deps) http.Handler {
		return tool.Create(d.Auth(), d.Store(), desk.Desk(d))
	}},
	{Function: "manage-tool-get", HTTP: func(d *boot.Deps) http.Handler { return tool.Get(d.Auth(), d.Store(), desk.Desk(d)) }},
	{Function: "manage-tool-update", HTTP: func(d *boot.Deps) http.Handler {
		return tool.Update(d.Auth(), d.Store(), desk.Desk(d))
	}},
	{Function: "manage-tool-delete", HTTP: func(d *boot.Deps) http.Handler { return tool.Delete(d.Auth(), d.Store(), d.Now) }},
	{Function: "manage-tool-try", HTTP: func(d *boot.Deps) http.Handler {
		return tool.Try(d.Auth(), d.Store(), tools.Runner(d), tools.Servers(d), d.Now)
	}},
	{Function: "manage-run-list", HTTP: func(d *boot.Deps) http.Handler { return run.List(d.Auth(), d.Store()) }},
	{Function: "manage-run-get", HTTP: func(d *boot.Deps) http.Handler { return run.Get(d.Auth(), d.Store()) }},
	{Function: "manage-run-cancel", HTTP: func(d *boot.Deps) http.Handler {
		return run.Cancel(d.Auth(), d.Store(), later.Automations(d), d.Now)
	}},
	{Function: "manage-run-rerun", HTTP: func(d *boot.Deps) http.Handler {
		return run.Rerun(d.Auth(), d.Store(), later.Automations(d), d.Now)
	}},
	{Function: "manage-automation-list", HTTP: func(d *boot.Deps) http.Handler { return automation.List(d.Auth(), d.Store()) }},
	{Function: "manage-automation-create", HTTP: func(d *boot.Deps) http.Handler {
		return automation.Create(d.Auth(), d.Store(), automation.Desk{Sealer: later.AutomationSecrets(d), URLs: later.URLs(d), Now: d.Now})
	}},
	{Function: "manage-automation-get", HTTP: func(d *boot.Deps) http.Handler { return automation.Get(d.Auth(), d.Store()) }},
	{Function: "manage-automation-update", HTTP: func(d *boot.Deps) http.Handler {
		return automation.Update(d.Auth(), d.Store(), automation.Desk{Sealer: later.AutomationSecrets(d), URLs: later.URLs(d), Now: d.Now})
	}},
	{Function: "manage-automation-delete", HTTP: func(d *boot.Deps) http.Handler { return automation.Delete(d.Auth(), d.Store()) }},
	{Function: "manage-automation-publish", HTTP: func(d *boot.Deps) http.Handler {
		return automation.Publish(d.Auth(), d.Store(), later.Secrets(d), d.Now)
	}},
	{Function: "manage-connection-list", HTTP: func(d *boot.Deps) http.Handler { return connection.List(d.Auth(), d.Store()) }},
	{Function: "manage-connection-create", HTTP: func(d *boot.Deps) http.Handler {
		return connection.Create(d.Auth(), d.Store(), later.Credentials(d), d.Now)
	}},
	{Function: "manage-connection-get", HTTP: func(d *boot.Deps) http.Handler { return connection.Get(d.Auth(), d.Store()) }},
	{Function: "manage-connection-update", HTTP: func(d *boot.Deps) http.Handler { return connection.Update(d.Auth(), d.Store(), d.Now) }},
	{Function: "manage-connection-delete", HTTP: func(d *boot.Deps) http.Handler { return connection.Delete(d.Auth(), d.Store()) }},
	{Function: "manage-connection-rotate", HTTP: func(d *boot.Deps) http.Handler {
		return connection.Rotate(d.Auth(), d.Store(), later.Credentials(d), d.Now)
	}},
	{Function: "manage-connection-verify", HTTP: func(d *boot.Deps) http.Handler {
		return connection.Verify(d.Auth(), d.Store(), later.Inboxes(d), d.Now)
	}},
	{Function: "manage-thread-list", HTTP: func(d *boot.Deps) http.Handler { return thread.List(d.Auth(), d.Store()) }},
	{Function: "manage-thread-get", HTTP: func(d *boot.Deps) http.Handler { return thread.Get(d.Auth(), d.Store()) }},
	{Function: "manage-thread-update", HTTP: func(d *boot.Deps) http.Handler { return thread.Update(d.Auth(), d.Store(), later.Desk(d)) }},
	{Function: "manage-message-list", HTTP: func(d *boot.Deps) http.Handler { return thread.MessageList(d.Auth(), d.Store()) }},
	{Function: "manage-message-create", HTTP: func(d *boot.Deps) http.Handler { return thread.MessageCreate(d.Auth(), d.Store(), later.Desk(d)) }},
	{Function: "manage-turn-list", HTTP: func(d *boot.Deps) http.Handler { return turns.List(d.Auth(), d.Store(), d.Now) }},
	{Function: "manage-turn-get", HTTP: func(d *boot.Deps) http.Handler { return turns.Get(d.Auth(), d.Store(), d.Now) }},
	{Function: "manage-turn-cancel", HTTP: func(d *boot.Deps) http.Handler { return turns.Cancel(d.Auth(), d.Store(), d.Now) }},
	{Function: "manage-contact-get", HTTP: func(d *boot.Deps) http.Handler { return contact.Get(d.Auth(), d.Store()) }},
	{Function: "manage-contact-update", HTTP: func(d *boot.Deps) http.Handler { return contact.Update(d.Auth(), d.Store()) }},
	{Function: "operator-org-list", HTTP: func(d *boot.Deps) http.Handler { return operator.OrgList(d.Operators(), d.Store()) }},
	{Function: "operator-org-create", HTTP: func(d *boot.Deps) http.Handler {
		return operator.OrgCreate(d.Operators(), d.Store(), login.Directory(d), d.Now)
	}},
	{Function: "operator-entry-create", HTTP: func(d *boot.Deps) http.Handler { return operator.EntryCreate(d.Operators(), d.Store(), d.Now) }},
	{Function: "operator-limits-update", HTTP: func(d *boot.Deps) http.Handler { return operator.LimitsUpdate(d.Operators(), d.Store()) }},
	{Function: "inbound-whatsapp-verify", HTTP: func(d *boot.Deps) http.Handler { return inbound.MetaVerify(channels.Door(d, "whatsapp")) }},
	{Function: "inbound-whatsapp-create", HTTP: func(d *boot.Deps) http.Handler { return inbound.MetaCreate(channels.Door(d, "whatsapp")) }},
	{Function: "inbound-instagram-verify", HTTP: func(d *boot.Deps) http.Handler { return inbound.MetaVerify(channels.Door(d, "instagram")) }},
	{Function: "inbound-instagram-create", HTTP: func(d *boot.Deps) http.Handler { return inbound.MetaCreate(channels.Door(d, "instagram")) }},
	{Function: "inbound-messenger-verify", HTTP: func(d *boot.Deps) http.Handler { return inbound.MetaVerify(channels.Door(d, "messenger")) }},
	{Function: "inbound-messenger-create", HTTP: func(d *boot.Deps) http.Handler { return inbound.MetaCreate(channels.Door(d, "messenger")) }},
	{Function: "inbound-twilio-create", HTTP: func(d *boot.Deps) http.Handler { return inbound.TwilioCreate(channels.Door(d, "twilio")) }},
	{Function: "inbound-email-create", HTTP: func(d *boot.Deps) http.Handler {
		return inbound.MailCreate(channels.Door(d, "email"), channels.MailWebhook(d), d.Store())
	}},
	{Function: "inbound-automation-create", HTTP: func(d *boot.Deps) http.Handler { return hook.Create(later.Hooks(d), d.Store()) }},
	{Function: "worker-callback", Queue: func(d *boot.Deps) boot.Work {
		return boot.Bodies(later.Callbacks(d, chat.Engine(d), flowgent.Callback).Work)
	}},
	{Function: "worker-automation", Queue: automations.Worker},
	{Function: "worker-delivery", Queue: func(d *boot.Deps) boot.Work { return boot.Bodies(later.Worker(d).Work) }},
	{Function: "worker-event", Changes: later.Events},
	{Function: "worker-sweep", Schedule: func(d *boot.Deps) boot.Job {
		return boot.Jobs(turn.Sweep(d.Store()), later.Sweep(d), schedules.Sweep(d))
	}},
	{Function: "worker-meta", Queue: channels.MetaWorker},
	{Function: "worker-twilio", Queue: channels.TwilioWorker},
	{Function: "worker-mail", Queue: channels.MailWorker},
	{Function: "worker-usage-rollup", Schedule: func(d *boot.Deps) boot.Job { return ledger.Rollup(d.Store()) }},
}

// Find returns the route of a function.
func Find(function string) (Route, bool) {
	for _, r := range All {
		if r.Function == function {
			return r, true
		}
	}
	return Route{}, false
}

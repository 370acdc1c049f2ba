package channel

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/quintet-agents/quintet/shared/clip"
	"github.com/quintet-agents/quintet/shared/connection"
	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/idempotency"
)

// Outbox sends templates over the connections of agents, each at most once.
type Outbox struct {
	Sends       Sends
	Connections Connections
	Opener      Opener
	Templates   TemplateSender
	Threads     Threads
	Now         func() time.Time
}

// Order is a template that an agent is to send.
type Order struct {
	OrgID    string
	AgentID  string
	To       string // digits
	Name     string // of the person, if it is not known yet; may be empty
	Template Template
	Once     *idempotency.Key // nil: none

	// ConnectionID names the connection to send over; empty: the agent's. A named one sends for
	// its own agent.
	ConnectionID string

	Automation string        // id of the automation that sends it; empty: none
	Kept       time.Duration // how long Once is kept; 0: Life
}

// ErrOptedOut is the error for a person who told the business to send nothing.
var ErrOptedOut = fault.New(fault.Conflict, "The person does not want to receive messages")

// ErrNoConnection is the error for an agent without a WhatsApp connection, or with a disabled
// one.
var ErrNoConnection = fault.New(fault.NotFound, "No WhatsApp connection found for this agent")

// The errors for an order that names its connection.
var (
	ErrUnknownConnection = fault.New(fault.NotFound, "The connection to send over does not exist")
	ErrNoTemplates       = fault.New(fault.Conflict, "Templates are sent over WhatsApp connections only")
	ErrDisabled          = fault.New(fault.Conflict, "The connection to send over is disabled: set its status to active first")
)

// accessToken is the secret of a WhatsApp connection that sends.
const accessToken = "access_token"

// Send sends a template and returns Meta's answer. Under an idempotency key it is sent once:
// a repeated call returns the first answer, and replayed is true. The error is a *SendError if
// the send was refused, or if it is unknown whether it was made; ErrNoConnection or ErrOptedOut; or
// idempotency.ErrRunning or ErrMismatch.
func (o *Outbox) Send(ctx context.Context, order Order) (answer []byte, replayed bool, err error) {
	s := o.record(order)
	if order.Once != nil {
		earlier, err := o.Sends.Send(ctx, s.OrgID, s.ID)
		if err != nil || earlier != nil {
			return o.repeat(ctx, s, earlier, err)
		}
	}
	c, err := o.connection(ctx, order)
	if err != nil {
		return nil, false, err
	}
	switch silent, err := o.Threads.OptedOut(ctx, c.OrgID, c.ID, order.To); {
	case err != nil:
		return nil, false, err
	case silent:
		return nil, false, ErrOptedOut
	}
	from, err := o.sender(ctx, c)
	if err != nil {
		return nil, false, err
	}
	s.ConnectionID, s.AgentID = c.ID, c.AgentID
	earlier, err := o.Sends.BeginSend(ctx, s)
	if err != nil || earlier != nil {
		return o.repeat(ctx, s, earlier, err)
	}
	receipt, err := o.Templates.SendTemplate(ctx, from, Message{To: order.To, Template: order.Template, Ref: s.ID})
	o.settle(ctx, c, from, order.Template, s, receipt, err)
	return receipt.Body, false, err
}

// maxDescription is the longest text of a template that is kept, in bytes. WhatsApp allows less.
const maxDescription = 8 << 10

// record returns the record of a send that begins now.
func (o *Outbox) record(order Order) Send {
	s := Send{
		OrgID: order.OrgID, ID: uuid.Must(uuid.NewV7()).String(), Attempt: uuid.NewString(), State: Sending, At: o.Now(),
		AgentID: order.AgentID, To: order.To, Name: order.Name, Template: order.Template.Name, Text: clip.Text(order.Template.Text(nil), maxDescription),
		Automation: order.Automation, Kept: order.Kept,
	}
	if order.Once != nil {
		s.ID, s.Digest = order.Once.ID, order.Once.Body
	}
	return s
}

// repeat answers a call whose send was stored before.
func (o *Outbox) repeat(ctx context.Context, s Send, earlier *Send, err error) ([]byte, bool, error) {
	switch {
	case err != nil:
		return nil, false, err
	case earlier.Digest != s.Digest:
		return nil, false, idempotency.ErrMismatch
	case earlier.State == Sent:
		return earlier.Answer, true, nil
	}
	if left := earlier.At.Add(SendTime).Sub(s.At); earlier.State == Sending && left > 0 {
		return nil, false, idempotency.RunningUntil(left)
	}
	if earlier.State == Sending { // its process has died
		earlier.State = Lost
		o.join(ctx, *earlier, Receipt{})
	}
	return nil, true, &SendError{Kind: Unknown, Message: "A request with this Idempotency-Key was cut off; the message may have been sent and is not sent again"}
}

// connection returns the agent's connection: an active one before one that needs attention,
// and then the oldest.
func (o *Outbox) connection(ctx context.Context, order Order) (connection.Connection, error) {
	all, err := o.Connections.Connections(ctx, order.OrgID, "", connection.MaxConnections)
	if err != nil {
		return connection.Connection{}, err
	}
	if order.ConnectionID != "" {
		return named(all, order.ConnectionID)
	}
	var second *connection.Connection
	for _, c := range all {
		switch {
		case c.AgentID != order.AgentID || c.Channel != connection.WhatsApp:
		case c.Status() == connection.Active:
			return c, nil
		case c.Status() == connection.NeedsAttention && second == nil:
			second = &c
		}
	}
	if second == nil {
		return connection.Connection{}, ErrNoConnection
	}
	return *second, nil
}

// named returns a connection that can send templates.
func named(all []connection.Connection, id string) (connection.Connection, error) {
	for _, c := range all {
		switch {
		case c.ID != id:
		case c.Channel != connection.WhatsApp:
			return c, ErrNoTemplates
		case c.Disabled:
			return c, ErrDisabled
		default:
			return c, nil
		}
	}
	return connection.Connection{}, ErrUnknownConnection
}

func (o *Outbox) sender(ctx context.Context, c connection.Connection) (Sender, error) {
	sealed, err := o.Connections.Credentials(ctx, c.OrgID, c.ID)
	if err != nil {
		return Sender{}, err
	}
	token, err := o.Opener.OpenCredential(ctx, c.Owner(), accessToken, sealed[accessToken])
	return Sender{PhoneNumberID: c.Identifiers["phone_number_id"], Token: token}, err
}

// settleTime bounds the writes after a send. A client that goes away does not end them.
const settleTime = 5 * time.Second

// settle stores the outcome of a send. If that fails, the record stays as it was stored
// before the send, so that its key sends nothing again.
func (o *Outbox) settle(ctx context.Context, c connection.Connection, from Sender, t Template, s Send, r Receipt, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	f, refused := errors.AsType[*SendError](err)
	switch {
	case err == nil:
		s.State, s.Answer = Sent, r.Body
		s.Text = clip.Text(o.Templates.Describe(ctx, from, t), maxDescription)
		o.join(ctx, s, r)
		o.solve(ctx, c)
	case !refused || f.Kind == Unknown:
		s.State = Lost
		o.join(ctx, s, Receipt{})
	default:
		o.stored(ctx, s, o.Sends.DropSend(ctx, s))
	}
	if refused {
		o.report(ctx, c, f)
	}
}

// join stores the outcome of a send with its place in the recipient's thread. If that is not
// possible, the outcome is stored alone.
func (o *Outbox) join(ctx context.Context, s Send, r Receipt) {
	err := o.Threads.Join(ctx, s, r)
	if err == nil {
		return
	}
	slog.ErrorContext(ctx, "a template is not in the thread of its recipient", "org_id", s.OrgID, "send_id", s.ID, "error", err)
	o.stored(ctx, s, o.Sends.FinishSend(ctx, s))
}

// stored logs that the outcome of a send was not stored.
func (o *Outbox) stored(ctx context.Context, s Send, err error) {
	if err != nil {
		slog.ErrorContext(ctx, "the outcome of a send was not stored; its Idempotency-Key sends nothing again", "org_id", s.OrgID, "send_id", s.ID, "error", err)
	}
}

// solve removes a problem of the connection that the send has solved.
func (o *Outbox) solve(ctx context.Context, c connection.Connection) {
	if !c.Problem.SolvedBySend(o.Now()) {
		return
	}
	if err := o.Connections.SolveProblem(ctx, c.OrgID, c.ID, c.Problem.Code); err != nil {
		slog.ErrorContext(ctx, "the problem of a connection was not removed", "org_id", c.OrgID, "connection_id", c.ID, "error", err)
	}
}

// report marks the connection of a send that Meta refused for its account.
func (o *Outbox) report(ctx context.Context, c connection.Connection, f *SendError) {
	p, ok := f.Problem(o.Now())
	if !ok {
		return
	}
	if err := o.Connections.ReportProblem(ctx, c.OrgID, c.ID, c.Credentials, p); err != nil {
		slog.ErrorContext(ctx, "the problem of a connection was not stored", "org_id", c.OrgID, "connection_id", c.ID, "error", err)
	}
}

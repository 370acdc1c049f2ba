// Package boot starts Lambda functions. It has one starter per kind of trigger, and Deps
// with the handlers' dependencies. Only this package knows Lambda's events and runtime.
package boot

import (
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"time"
)

// Config has all settings that a function reads from its environment. No other code knows
// the variables' names.
type Config struct {
	Table        string        // TABLE_NAME: the DynamoDB table
	Model        string        // MODEL_NAME: the default model of agents
	ModelBaseURL string        // MODEL_BASE_URL: an OpenAI-compatible server to ask instead of Bedrock
	ModelKeyName string        // MODEL_API_KEY_PARAMETER: the SecureString in Parameter Store that has its key
	ModelAPIKey  string        // MODEL_API_KEY: its key, locally, where no parameter has it
	ModelWaits   ModelWaits    // times that a model may send nothing
	ModelPause   time.Duration // pause before a retry; 0, the value in every function, means a second
	TopUpURL     string        // TOPUP_URL: where callers without credits can buy some; empty is the console

	UserPool       string // USER_POOL_ID: the Cognito user pool whose ID tokens are sessions
	UserPoolClient string // USER_POOL_CLIENT_ID: the pool's client, the tokens' audience

	CallbacksQueue   string // CALLBACKS_QUEUE_URL: the queue of jobs
	DeliveriesQueue  string // DELIVERIES_QUEUE_URL: the queue of deliveries
	MetaQueue        string // INBOX_META_QUEUE_URL: the queue of Meta's channels
	TwilioQueue      string // INBOX_TWILIO_QUEUE_URL: the queue of Twilio's
	MailQueue        string // INBOX_MAIL_QUEUE_URL: the queue of mail
	AutomationsQueue string // AUTOMATIONS_QUEUE_URL: the queue of runs of automations
	SecretsKey       string // SECRETS_KEY_ID: the KMS key that seals secrets
	PrivateNetworks  string // PRIVATE_NETWORKS_ALLOWED: CIDRs of private networks that customers' URLs may lead to
	MetaGraphURL     string // META_GRAPH_URL: Meta's Graph API for WhatsApp; empty: Meta's own
	InstagramURL     string // INSTAGRAM_GRAPH_URL: the Graph API for tokens of Instagram; empty: Instagram's own
	TwilioURL        string // TWILIO_API_URL: Twilio's API; empty: Twilio's own
	BaseURL          string // BASE_URL: where the API is served
	MetaGraphVersion string // META_GRAPH_VERSION: its version, as in v25.0; empty: meta.DefaultVersion
	RuntimeAPI       string // AWS_LAMBDA_RUNTIME_API: the address of Lambda's Runtime API

	Region          string     // AWS_REGION
	AccessKeyID     string     // AWS_ACCESS_KEY_ID
	SecretAccessKey string     // AWS_SECRET_ACCESS_KEY
	SessionToken    string     // AWS_SESSION_TOKEN
	Endpoint        string     // AWS_ENDPOINT_URL: instead of AWS; empty in the cloud
	BedrockEndpoint string     // AWS_ENDPOINT_URL_BEDROCK_RUNTIME: for the model alone
	SESEndpoint     string     // AWS_ENDPOINT_URL_SESV2: for mail alone
	UnderSAM        bool       // AWS_SAM_LOCAL: SAM CLI, which cannot stream
	LogLevel        slog.Level // AWS_LAMBDA_LOG_LEVEL, which Lambda's LoggingConfig sets; INFO when unset or unknown
}

// ModelWaits are the times that a model may send nothing before its call is canceled. 0
// means the default of package watch.
type ModelWaits struct {
	FirstToken time.Duration // MODEL_FIRST_TOKEN_SECONDS: before a streamed answer begins
	Idle       time.Duration // MODEL_IDLE_SECONDS: after the answer has begun
	Answer     time.Duration // MODEL_ANSWER_SECONDS: before a non-streamed answer arrives
}

// seconds reads a number of seconds, which may have a fraction. It returns 0 for anything
// but a positive number up to maxSeconds.
func seconds(setting string) time.Duration {
	n, err := strconv.ParseFloat(setting, 64)
	if err != nil || n <= 0 || n > maxSeconds {
		return 0
	}
	return time.Duration(n * float64(time.Second))
}

// maxSeconds is longer than any function runs.
const maxSeconds = 3600

// FromEnvironment reads the configuration.
func FromEnvironment() Config {
	c := Config{
		Table:        os.Getenv("TABLE_NAME"),
		Model:        os.Getenv("MODEL_NAME"),
		ModelBaseURL: os.Getenv("MODEL_BASE_URL"),
		ModelKeyName: os.Getenv("MODEL_API_KEY_PARAMETER"),
		ModelAPIKey:  os.Getenv("MODEL_API_KEY"),
		ModelWaits: ModelWaits{
			FirstToken: seconds(os.Getenv("MODEL_FIRST_TOKEN_SECONDS")),
			Idle:       seconds(os.Getenv("MODEL_IDLE_SECONDS")),
			Answer:     seconds(os.Getenv("MODEL_ANSWER_SECONDS")),
		},
		TopUpURL:         os.Getenv("TOPUP_URL"),
		UserPool:         os.Getenv("USER_POOL_ID"),
		UserPoolClient:   os.Getenv("USER_POOL_CLIENT_ID"),
		CallbacksQueue:   os.Getenv("CALLBACKS_QUEUE_URL"),
		DeliveriesQueue:  os.Getenv("DELIVERIES_QUEUE_URL"),
		MetaQueue:        os.Getenv("INBOX_META_QUEUE_URL"),
		TwilioQueue:      os.Getenv("INBOX_TWILIO_QUEUE_URL"),
		MailQueue:        os.Getenv("INBOX_MAIL_QUEUE_URL"),
		AutomationsQueue: os.Getenv("AUTOMATIONS_QUEUE_URL"),
		InstagramURL:     os.Getenv("INSTAGRAM_GRAPH_URL"),
		TwilioURL:        os.Getenv("TWILIO_API_URL"),
		BaseURL:          os.Getenv("BASE_URL"),
		SecretsKey:       os.Getenv("SECRETS_KEY_ID"),
		PrivateNetworks:  os.Getenv("PRIVATE_NETWORKS_ALLOWED"),
		MetaGraphURL:     os.Getenv("META_GRAPH_URL"),
		MetaGraphVersion: os.Getenv("META_GRAPH_VERSION"),
		RuntimeAPI:       os.Getenv("AWS_LAMBDA_RUNTIME_API"),
		Region:           os.Getenv("AWS_REGION"),
		AccessKeyID:      os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey:  os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:     os.Getenv("AWS_SESSION_TOKEN"),
		Endpoint:         os.Getenv("AWS_ENDPOINT_URL"),
		BedrockEndpoint:  os.Getenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME"),
		SESEndpoint:      os.Getenv("AWS_ENDPOINT_URL_SESV2"),
		UnderSAM:         os.Getenv("AWS_SAM_LOCAL") == "true",
	}
	if c.LogLevel.UnmarshalText([]byte(os.Getenv("AWS_LAMBDA_LOG_LEVEL"))) != nil {
		c.LogLevel = slog.LevelInfo
	}
	return c
}

// CheckAWS returns an error that names the missing variables that calls to AWS need. A
// function always has them; a user of a command may have forgotten some.
func (c Config) CheckAWS() error {
	for _, needed := range []struct{ name, value string }{
		{"AWS_REGION", c.Region}, {"AWS_ACCESS_KEY_ID", c.AccessKeyID}, {"AWS_SECRET_ACCESS_KEY", c.SecretAccessKey},
	} {
		if needed.value == "" {
			return fmt.Errorf("%s is not set", needed.name)
		}
	}
	return nil
}

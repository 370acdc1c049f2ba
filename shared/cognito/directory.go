// Package cognito keeps users and their passwords in an Amazon Cognito user
// pool, whose usernames are email addresses.
package cognito

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/quintet-agents/quintet/shared/fault"
	"github.com/quintet-agents/quintet/shared/identity"
)

// Directory is a user pool. It is an identity.Directory and an
// identity.PasswordChecker.
type Directory struct {
	api    *idp.Client
	pool   string
	client string
	secret clientSecret
}

// New returns the directory of a pool's users, who log in with the given
// client.
func New(api *idp.Client, pool, client string) *Directory {
	return &Directory{api: api, pool: pool, client: client}
}

// SignIn implements identity.PasswordChecker. The session token is the ID token.
func (d *Directory) SignIn(ctx context.Context, email, password, newPassword string) (string, error) {
	parameters, err := d.signed(ctx, email, map[string]string{"PASSWORD": password})
	if err != nil {
		return "", err
	}
	out, err := d.api.InitiateAuth(ctx, &idp.InitiateAuthInput{
		ClientId: &d.client, AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: parameters,
	})
	if err != nil {
		return "", refusal(err)
	}
	result := out.AuthenticationResult
	if out.ChallengeName == types.ChallengeNameTypeNewPasswordRequired {
		if newPassword == "" {
			return "", identity.ErrNewPassword
		}
		user := email
		if id := out.ChallengeParameters["USER_ID_FOR_SRP"]; id != "" {
			user = id // the user's name in the pool; the address was an alias for it
		}
		if result, err = d.choosePassword(ctx, user, newPassword, out.Session); err != nil {
			return "", err
		}
	}
	if result == nil || result.IdToken == nil {
		return "", fmt.Errorf("the user pool asks for %q, which it is not set up for", out.ChallengeName)
	}
	return *result.IdToken, nil
}

func (d *Directory) choosePassword(ctx context.Context, user, password string, session *string) (*types.AuthenticationResultType, error) {
	responses, err := d.signed(ctx, user, map[string]string{"NEW_PASSWORD": password})
	if err != nil {
		return nil, err
	}
	out, err := d.api.RespondToAuthChallenge(ctx, &idp.RespondToAuthChallengeInput{
		ClientId: &d.client, ChallengeName: types.ChallengeNameTypeNewPasswordRequired, Session: session, ChallengeResponses: responses,
	})
	if err != nil {
		return nil, refusal(err)
	}
	return out.AuthenticationResult, nil
}

// refusal translates Cognito's errors. An unknown user, a wrong password and a disabled user
// get the same error, so that callers cannot probe for users.
func refusal(err error) error {
	var (
		wrong       *types.NotAuthorizedException
		unknown     *types.UserNotFoundException
		unconfirmed *types.UserNotConfirmedException
		reset       *types.PasswordResetRequiredException
		malformed   *types.InvalidParameterException
		weak        *types.InvalidPasswordException
		often       *types.TooManyRequestsException
		limit       *types.LimitExceededException
	)
	switch {
	case errors.As(err, &wrong), errors.As(err, &unknown), errors.As(err, &unconfirmed), errors.As(err, &reset), errors.As(err, &malformed):
		return identity.ErrWrongPassword.Because(err)
	case errors.As(err, &weak):
		return errWeak.Because(err)
	case errors.As(err, &often), errors.As(err, &limit):
		return identity.ErrTooManyAttempts.Because(err)
	}
	return err
}

// errWeak is the error of a password that is long enough but breaks the user pool's policy.
var errWeak = fault.Field("new_password", "new_password must follow the password policy of the user pool")

// CreateUser implements identity.Directory.
func (d *Directory) CreateUser(ctx context.Context, email string) (string, error) {
	out, err := d.api.AdminCreateUser(ctx, &idp.AdminCreateUserInput{
		UserPoolId: &d.pool, Username: &email, DesiredDeliveryMediums: []types.DeliveryMediumType{types.DeliveryMediumTypeEmail},
		UserAttributes: []types.AttributeType{
			{Name: aws.String("email"), Value: &email},
			// The temporary password goes out by email, so a user who has it can read the address.
			{Name: aws.String("email_verified"), Value: aws.String("true")},
		},
	})
	var known *types.UsernameExistsException
	var malformed *types.InvalidParameterException
	switch {
	case errors.As(err, &known):
		return d.find(ctx, email)
	case errors.As(err, &malformed):
		return "", identity.ErrEmail.Because(err)
	case err != nil:
		return "", err
	}
	return subject(out.User.Attributes)
}

func (d *Directory) find(ctx context.Context, email string) (string, error) {
	out, err := d.api.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: &d.pool, Username: &email})
	if err != nil {
		return "", err
	}
	return subject(out.UserAttributes)
}

// subject is the sub claim of a user's tokens.
func subject(attributes []types.AttributeType) (string, error) {
	for _, a := range attributes {
		if aws.ToString(a.Name) == "sub" {
			return aws.ToString(a.Value), nil
		}
	}
	return "", errNoSubject
}

var errNoSubject = errors.New("the user pool has given a user no sub")

// SetPassword sets a user's password, permanent or temporary.
func (d *Directory) SetPassword(ctx context.Context, email, password string, permanent bool) error {
	_, err := d.api.AdminSetUserPassword(ctx, &idp.AdminSetUserPasswordInput{
		UserPoolId: &d.pool, Username: &email, Password: &password, Permanent: permanent,
	})
	return err
}

// DeleteUser implements identity.Directory.
func (d *Directory) DeleteUser(ctx context.Context, userID string) error {
	_, err := d.api.AdminDeleteUser(ctx, &idp.AdminDeleteUserInput{UserPoolId: &d.pool, Username: &userID})
	if _, gone := errors.AsType[*types.UserNotFoundException](err); gone {
		return nil
	}
	return err
}

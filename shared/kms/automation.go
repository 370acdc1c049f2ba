package kms

import (
	"context"
	"strings"
)

// SealAutomationSecret encrypts a secret of an automation. Org, automation and name are its
// encryption context, so that it opens for nothing else. The part of the name before the first
// slash is its purpose, so that a policy can allow a function to open the secrets of one purpose.
func (b Box) SealAutomationSecret(ctx context.Context, orgID, automationID, name, plain string) ([]byte, error) {
	return b.encrypt(ctx, ofAutomation(orgID, automationID, name), plain)
}

// OpenAutomationSecret decrypts what SealAutomationSecret has encrypted for the same automation
// and name.
func (b Box) OpenAutomationSecret(ctx context.Context, orgID, automationID, name string, sealed []byte) (string, error) {
	return b.decrypt(ctx, ofAutomation(orgID, automationID, name), sealed)
}

func ofAutomation(orgID, automationID, name string) map[string]string {
	purpose, _, _ := strings.Cut(name, "/")
	return map[string]string{"org_id": orgID, "automation_id": automationID, "purpose": purpose, "name": name}
}

package notify

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"salamander/operation"
)

// certificatePath is what the path of the signing certificate begins with.
const certificatePath = "/SimpleNotificationService-"

// Handles reports whether a request is for [Notify.ServeHTTP]: a link in a
// message, which nobody signs.
func Handles(r *http.Request) bool {
	if r.Method != http.MethodGet || r.Header.Get("Authorization") != "" {
		return false
	}
	if strings.HasPrefix(r.URL.Path, certificatePath) {
		return true
	}
	q := r.URL.Query()
	action := q.Get("Action")
	return r.URL.Path == "/" && !q.Has("X-Amz-Signature") && (action == "ConfirmSubscription" && q.Has("Token") || action == "Unsubscribe")
}

// ServeHTTP answers the links in messages: it confirms and ends
// subscriptions, and tells the certificate. What allows it is the secret in
// the link: the token, and the random part of the subscription's ARN.
func (n *Notify) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, certificatePath) {
		path, pem, err := n.opt.Signer.Certificate()
		if err != nil || path != r.URL.Path {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/x-pem-file")
		_, _ = w.Write(pem) // the client may have left
		return
	}
	q := r.URL.Query()
	action := q.Get("Action")
	answer, err := n.follow(r.Context(), action, q.Get("TopicArn"), q.Get("Token"), q.Get("SubscriptionArn"))
	w.Header().Set("Content-Type", "text/xml")
	if err != nil {
		e := Fault(err)
		if e.Status == 0 {
			e.Status = http.StatusBadRequest
		}
		w.WriteHeader(e.Status)
		answer = "<Error><Type>Sender</Type><Code>" + e.Code + "</Code><Message>" + escape(e.Message) + "</Message></Error>"
		action = "Error"
	}
	fmt.Fprintf(w, "<%sResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">%s<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>\n",
		action, answer, newID(), action)
}

func (n *Notify) follow(ctx context.Context, action, topic, token, subscription string) (string, error) {
	if action == "Unsubscribe" {
		return "", n.Unsubscribe(ctx, subscription)
	}
	s, err := n.Confirm(ctx, topic, token)
	return "<ConfirmSubscriptionResult><SubscriptionArn>" + escape(s.ARN) + "</SubscriptionArn></ConfirmSubscriptionResult>", err
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes all
	return b.String()
}

// Fault returns the error of SNS for an error of this package.
func Fault(err error) *operation.Error {
	switch {
	case errors.Is(err, ErrNoTopic):
		return &operation.Error{Code: "NotFound", Message: "Topic does not exist", Status: http.StatusNotFound}
	case errors.Is(err, ErrNoSubscription):
		return &operation.Error{Code: "NotFound", Message: "Subscription does not exist", Status: http.StatusNotFound}
	}
	return operation.AsError(err)
}

package main

import (
	"net/http"

	"salamander/notify"
	"salamander/store"
)

// openNotify connects the topics with what they deliver to.
func (a *app) openNotify() error {
	rules, err := alertRules(a.config.Alerts)
	if err != nil {
		return err
	}
	mailer, err := a.config.SMTP.mailer()
	if err != nil {
		return err
	}
	a.notify = notify.New(notify.Options{
		Store:    store.NewNotify(a.db),
		Invoker:  a.registry,
		Signer:   notify.NewKeys(a.config.Data),
		Endpoint: a.endpoint,
		Mail:     mailer,
		Rules:    rules,
		Log:      a.log,
	})
	return nil
}

// withLinks answers the links in messages, which nobody signs, beside the
// AWS endpoint.
func withLinks(n *notify.Notify, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n != nil && notify.Handles(r) {
			n.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

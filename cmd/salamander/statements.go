package main

import (
	"context"

	"salamander/event"
	"salamander/service/redshiftdata"
	"salamander/warehouse/cluster"
	"salamander/warehouse/dataapi"
)

// builtInCluster is what the Data API calls the warehouse that is always
// there. A cluster of this name that somebody made comes first.
const builtInCluster = "salamander"

// openStatements connects the Data API's statements with the events.
func (a *app) openStatements() {
	a.statements = dataapi.New(dataapi.Options{Ended: func(st dataapi.Statement) {
		if !st.WithEvent {
			return
		}
		if err := a.tellStatement(st); err != nil {
			a.log.Error("the event of a statement", "statement", st.ID, "err", err)
		}
	}})
}

// tellStatement puts the event of a statement's end on the default bus.
func (a *app) tellStatement(st dataapi.Statement) error {
	resources, detail, err := redshiftdata.Event(st)
	if err != nil {
		return err
	}
	scope := event.Scope{Account: st.Owner.Account, Region: st.Owner.Region}
	return a.events.Put(context.Background(), scope, "default", []event.Event{{Scope: scope, ID: event.Derive(st.ID, st.Status),
		Type: redshiftdata.EventType, Source: "aws.redshift-data", Time: st.Updated, Resources: resources, Detail: detail}})
}

// warehouses are the clusters that the Data API connects to.
type warehouses struct{ a *app }

func (w warehouses) Find(account, region, id string) (redshiftdata.Cluster, bool) {
	c, err := w.a.clusters.Get(cluster.Key{Account: account, Region: region, ID: id})
	if err == nil {
		return redshiftdata.Cluster{Host: c.Host, Port: c.Port, User: c.User, Password: c.Password}, true
	}
	if id != builtInCluster {
		return redshiftdata.Cluster{}, false
	}
	own := w.a.warehouse
	return redshiftdata.Cluster{Host: own.host, Port: int(own.port), User: own.user, Password: own.password}, true
}

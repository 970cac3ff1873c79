package cluster

import "errors"

// ErrState is returned for a cluster that is paused, or is not.
var ErrState = errors.New("cluster: not in its present state")

// Pause ends the server of a cluster and keeps its data: nobody can connect
// until [Clusters.Resume], not after a restart either. It returns [ErrState]
// where the cluster is paused.
func (c *Clusters) Pause(k Key) (Cluster, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cl, err := c.changed(k, true)
	if err != nil {
		return Cluster{}, err
	}
	if err := c.end(k); err != nil {
		c.opt.Log.Warn("end a cluster's warehouse", "cluster", k.ID, "err", err)
	}
	return *cl, nil
}

// Resume has a cluster serve again, at its port where that is free. It returns
// [ErrState] where the cluster is not paused.
func (c *Clusters) Resume(k Key) (Cluster, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cl, ok := c.all[k]
	switch {
	case !ok:
		return Cluster{}, ErrNotFound
	case !cl.Paused:
		return Cluster{}, ErrState
	}
	if err := c.serve(cl); err != nil {
		return Cluster{}, err
	}
	cl, err := c.changed(k, false)
	if err != nil {
		return Cluster{}, errors.Join(err, c.end(k))
	}
	return *cl, nil
}

// Reboot ends the connections of a cluster and starts it anew. It returns
// [ErrState] where the cluster is paused.
func (c *Clusters) Reboot(k Key) (Cluster, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cl, ok := c.all[k]
	switch {
	case !ok:
		return Cluster{}, ErrNotFound
	case cl.Paused:
		return Cluster{}, ErrState
	}
	if err := c.end(k); err != nil {
		c.opt.Log.Warn("end a cluster's warehouse", "cluster", k.ID, "err", err)
	}
	if err := c.serve(cl); err != nil {
		return Cluster{}, err
	}
	return *cl, c.keep(cl)
}

// changed keeps that a cluster is paused, or no more. c.mu is held.
func (c *Clusters) changed(k Key, paused bool) (*Cluster, error) {
	old, ok := c.all[k]
	switch {
	case !ok:
		return nil, ErrNotFound
	case old.Paused == paused:
		return nil, ErrState
	}
	cl := *old
	cl.Paused = paused
	if err := c.keep(&cl); err != nil {
		return nil, err
	}
	c.all[k] = &cl
	return &cl, nil
}

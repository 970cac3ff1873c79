package states

import (
	"context"
	"slices"

	"salamander/engine"
)

// children lists the children of a map run. Those that wait for their redrive
// are PENDING_REDRIVE, which the store does not know: there they are as they
// ended.
func (s *Service) children(ctx context.Context, q engine.Query) ([]engine.Execution, error) {
	waiting := s.engine.PendingRedrives(q.MapRun)
	if q.Status == engine.PendingRedrive {
		all := slices.DeleteFunc(waiting, func(ex engine.Execution) bool {
			return q.Before != 0 && ex.Key >= q.Before || q.Redrive == "REDRIVEN" && ex.Redrives == 0 || q.Redrive == "NOT_REDRIVEN" && ex.Redrives > 0
		})
		all = all[:min(q.Limit, len(all))]
		for i := range all {
			all[i] = pendingRedrive(all[i])
		}
		return all, nil
	}
	waits := map[int64]bool{}
	for _, ex := range waiting {
		waits[ex.Key] = true
	}
	var all []engine.Execution
	for more := true; more && len(all) < q.Limit; {
		page, err := s.store.Executions(ctx, q)
		if err != nil || len(waiting) == 0 {
			return page, err
		}
		if more = len(page) == q.Limit; more {
			q.Before = page[len(page)-1].Key
		}
		for _, ex := range page {
			if waits[ex.Key] && ex.Status != engine.Running && ex.Status != engine.Succeeded {
				if q.Status != "" {
					continue // it is not as it ended
				}
				ex = pendingRedrive(ex)
			}
			all = append(all, ex)
		}
	}
	return all[:min(q.Limit, len(all))], nil
}

// pendingRedrive is an execution as it stands while it waits for its redrive.
func pendingRedrive(ex engine.Execution) engine.Execution {
	ex.Status = engine.PendingRedrive
	return ex
}

// standing returns an execution as it stands: a child of a map run may wait for
// its redrive.
func (s *Service) standing(ex engine.Execution) engine.Execution {
	if ex.MapRun == "" || ex.Status == engine.Running || ex.Status == engine.Succeeded {
		return ex
	}
	if slices.ContainsFunc(s.engine.PendingRedrives(ex.MapRun), func(x engine.Execution) bool { return x.Key == ex.Key }) {
		return pendingRedrive(ex)
	}
	return ex
}

package console

type sqlSessions struct{}

func newSQLSessions(Options) *sqlSessions { return &sqlSessions{} }
func (s *sqlSessions) close()             {}

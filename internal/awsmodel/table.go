package awsmodel

// Table is the file form of one service's table, which package gen writes.
type Table struct {
	Source       string       `json:"source"` // "botocore 1.43.11 batch/2016-08-10"
	Signing      string       `json:"signing"`
	ServiceID    string       `json:"serviceId"`
	FullName     string       `json:"fullName"`
	Protocol     string       `json:"protocol"`
	JSONVersion  string       `json:"jsonVersion,omitempty"`
	TargetPrefix string       `json:"targetPrefix,omitempty"`
	APIVersion   string       `json:"apiVersion"`
	XMLNamespace string       `json:"xmlNamespace,omitempty"`
	Operations   []TableOp    `json:"operations,omitempty"`
	Shapes       []TableShape `json:"shapes,omitempty"`
}

// TableOp is one operation in a [Table].
type TableOp struct {
	Name       string   `json:"name"`
	Method     string   `json:"method"`
	URI        string   `json:"uri"`
	Status     int      `json:"status,omitempty"`
	Covered    bool     `json:"covered,omitempty"` // its shapes are in the table
	Input      string   `json:"in,omitempty"`
	Output     string   `json:"out,omitempty"`
	Wrapper    string   `json:"wrapper,omitempty"` // XML element around the result
	Errors     []string `json:"errors,omitempty"`
	HostPrefix string   `json:"hostPrefix,omitempty"`
}

// TableShape is one shape in a [Table].
type TableShape struct {
	Name       string        `json:"name"`
	Type       string        `json:"type"`
	Required   []string      `json:"required,omitempty"`
	Members    []TableMember `json:"members,omitempty"` // of a structure
	Member     string        `json:"member,omitempty"`  // of a list
	MemberWire string        `json:"memberWire,omitempty"`
	Key        string        `json:"key,omitempty"` // of a map
	Value      string        `json:"value,omitempty"`
	Min        *float64      `json:"min,omitempty"`
	Max        *float64      `json:"max,omitempty"`
	Pattern    string        `json:"pattern,omitempty"`
	Enum       []string      `json:"enum,omitempty"`
	Payload    string        `json:"payload,omitempty"`
	Streaming  bool          `json:"streaming,omitempty"`
	Sensitive  bool          `json:"sensitive,omitempty"`
	Flattened  bool          `json:"flattened,omitempty"`
	Union      bool          `json:"union,omitempty"`
	Document   bool          `json:"document,omitempty"`
	TimeFormat string        `json:"timeFormat,omitempty"`
	Error      bool          `json:"error,omitempty"`
	Code       string        `json:"code,omitempty"`
	Status     int           `json:"status,omitempty"`
}

// TableMember is one member of a structure in a [Table].
type TableMember struct {
	Name       string `json:"n"`
	Shape      string `json:"s"`
	In         string `json:"in,omitempty"`
	Wire       string `json:"wire,omitempty"`
	TimeFormat string `json:"timeFormat,omitempty"`
	Token      bool   `json:"token,omitempty"`
	Streaming  bool   `json:"streaming,omitempty"`
	JSONValue  bool   `json:"jsonValue,omitempty"`
}

package event

// A Target is what a rule or a schedule calls.
type Target struct {
	ID          string            `json:"id,omitempty"` // within its rule
	ARN         string            `json:"arn"`
	Role        string            `json:"role,omitempty"` // recorded, not enforced
	Input       *string           `json:"input,omitempty"`
	InputPath   *string           `json:"inputPath,omitempty"`
	Transformer *Transformer      `json:"transformer,omitempty"`
	Batch       *BatchParameters  `json:"batch,omitempty"`
	Group       string            `json:"group,omitempty"` // message group of a FIFO queue
	Bus         *BusParameters    `json:"bus,omitempty"`   // of a schedule that puts an event
	DeadLetter  string            `json:"deadLetter,omitempty"`
	Retry       *RetryPolicy      `json:"retry,omitempty"`
	Attributes  map[string]string `json:"attributes,omitempty"` // message attributes of a queue
}

// A RetryPolicy bounds the retries of a target.
type RetryPolicy struct {
	Attempts *int `json:"attempts,omitempty"` // 185 when nil
	Age      int  `json:"age,omitempty"`      // seconds; a day when 0
}

// BatchParameters tell which job is submitted.
type BatchParameters struct {
	Definition string `json:"definition"`
	Name       string `json:"name"`
	ArraySize  int    `json:"arraySize,omitempty"`
	Attempts   int    `json:"attempts,omitempty"`
}

// BusParameters tell which event a schedule puts.
type BusParameters struct {
	Type   string `json:"type"`
	Source string `json:"source"`
}

// A Transformer makes the input of parts of the event.
//
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
type Transformer struct {
	Paths    map[string]string `json:"paths,omitempty"`
	Template string            `json:"template"`
}

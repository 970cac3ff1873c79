package api

// queryErrorOf returns what the header x-amzn-query-error tells clients of a
// service that spoke Query before it spoke JSON: the code that the error had
// there, which SDKs show to programs written for it.
//
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
func queryErrorOf(service, code string, status int) string {
	if service != "sqs" {
		return ""
	}
	old := map[string]string{
		"BatchEntryIdsNotDistinct":     "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
		"BatchRequestTooLong":          "AWS.SimpleQueueService.BatchRequestTooLong",
		"EmptyBatchRequest":            "AWS.SimpleQueueService.EmptyBatchRequest",
		"InvalidBatchEntryId":          "AWS.SimpleQueueService.InvalidBatchEntryId",
		"MessageNotInflight":           "AWS.SimpleQueueService.MessageNotInflight",
		"PurgeQueueInProgress":         "AWS.SimpleQueueService.PurgeQueueInProgress",
		"QueueDeletedRecently":         "AWS.SimpleQueueService.QueueDeletedRecently",
		"QueueDoesNotExist":            "AWS.SimpleQueueService.NonExistentQueue",
		"QueueNameExists":              "QueueAlreadyExists",
		"TooManyEntriesInBatchRequest": "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
		"UnsupportedOperation":         "AWS.SimpleQueueService.UnsupportedOperation",
	}[code]
	if old == "" {
		old = code
	}
	if status >= 500 {
		return old + ";Receiver"
	}
	return old + ";Sender"
}

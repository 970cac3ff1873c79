package s3rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"salamander/operation"
)

// A route tells how an operation is carried by the protocol.
type route struct {
	members  string // of the input that come as headers or in the query
	streams  bool   // the body is the streaming member
	document string // the member that comes as XML in the body
	headers  bool   // members of the output go out as headers
	root     string // element of the XML that goes out; none when empty
	payload  string // the member of the output that is the document; all when empty
	status   int    // 200 when 0
}

const (
	stored  = "CacheControl ContentDisposition ContentEncoding ContentLanguage ContentType Expires Metadata "
	sums    = "ChecksumCRC32 ChecksumCRC32C ChecksumCRC64NVME ChecksumSHA1 ChecksumSHA256 "
	content = "ContentMD5 ChecksumAlgorithm " + sums
	owned   = "ExpectedBucketOwner RequestPayer "
	written = "IfMatch IfNoneMatch "
	kept    = "ACL StorageClass "
	read    = "VersionId IfMatch IfNoneMatch IfModifiedSince IfUnmodifiedSince Range PartNumber ChecksumMode ResponseCacheControl" +
		" ResponseContentDisposition ResponseContentEncoding ResponseContentLanguage ResponseContentType ResponseExpires "
	source = "CopySource CopySourceIfMatch CopySourceIfNoneMatch CopySourceIfModifiedSince CopySourceIfUnmodifiedSince ExpectedSourceBucketOwner "
	listed = "Delimiter EncodingType MaxKeys Prefix "
)

func routes() map[string]route {
	return map[string]route{
		"ListBuckets":                        {members: "MaxBuckets ContinuationToken Prefix BucketRegion", root: "ListAllMyBucketsResult"},
		"CreateBucket":                       {members: "ACL ObjectOwnership", document: "CreateBucketConfiguration", headers: true},
		"DeleteBucket":                       {members: "ExpectedBucketOwner", status: http.StatusNoContent},
		"HeadBucket":                         {members: "ExpectedBucketOwner", headers: true},
		"GetBucketLocation":                  {members: "ExpectedBucketOwner", root: "LocationConstraint", payload: "LocationConstraint"},
		"ListObjects":                        {members: listed + owned + "Marker", root: "ListBucketResult"},
		"ListObjectsV2":                      {members: listed + owned + "ContinuationToken FetchOwner StartAfter", root: "ListBucketResult"},
		"ListObjectVersions":                 {members: listed + owned + "KeyMarker VersionIdMarker", root: "ListVersionsResult"},
		"GetBucketVersioning":                {members: "ExpectedBucketOwner", root: "VersioningConfiguration"},
		"GetBucketNotificationConfiguration": {members: "ExpectedBucketOwner", root: "NotificationConfiguration"},
		"PutBucketNotificationConfiguration": {members: "ExpectedBucketOwner SkipDestinationValidation", document: "NotificationConfiguration"},
		"PutObject":                          {members: stored + content + kept + owned + written, streams: true, headers: true},
		"GetObject":                          {members: read + owned, headers: true},
		"HeadObject":                         {members: read + owned, headers: true},
		"DeleteObject":                       {members: "VersionId IfMatch " + owned, status: http.StatusNoContent},
		"DeleteObjects":                      {members: "ChecksumAlgorithm " + owned, document: "Delete", root: "DeleteResult"},
		"CopyObject":                         {members: stored + kept + owned + written + source + "MetadataDirective TaggingDirective ChecksumAlgorithm", root: "CopyObjectResult", payload: "CopyObjectResult"},
		"CreateMultipartUpload":              {members: stored + kept + owned + "ChecksumAlgorithm ChecksumType", headers: true, root: "InitiateMultipartUploadResult"},
		"UploadPart":                         {members: "UploadId PartNumber " + content + owned, streams: true, headers: true},
		"UploadPartCopy":                     {members: "UploadId PartNumber CopySourceRange " + source + owned, root: "CopyPartResult", payload: "CopyPartResult"},
		"CompleteMultipartUpload":            {members: "UploadId ChecksumType MpuObjectSize " + sums + written + owned, document: "MultipartUpload", root: "CompleteMultipartUploadResult"},
		"AbortMultipartUpload":               {members: "UploadId " + owned, status: http.StatusNoContent},
		"ListParts":                          {members: "UploadId MaxParts PartNumberMarker " + owned, root: "ListPartsResult"},
		"ListMultipartUploads":               {members: "Delimiter EncodingType KeyMarker MaxUploads Prefix UploadIdMarker " + owned, root: "ListMultipartUploadsResult"},
	}
}

// A kind is how a member is written in a header or query.
type kind int

const (
	text kind = iota
	number
	boolean
	date
)

// A member of an input, by where it comes from.
type member struct {
	name string
	kind kind
}

func headerMembers() map[string]member {
	all := map[string]member{
		"If-Modified-Since":                     {"IfModifiedSince", date},
		"If-Unmodified-Since":                   {"IfUnmodifiedSince", date},
		"X-Amz-Copy-Source-If-Modified-Since":   {"CopySourceIfModifiedSince", date},
		"X-Amz-Copy-Source-If-Unmodified-Since": {"CopySourceIfUnmodifiedSince", date},
		"X-Amz-Mp-Object-Size":                  {"MpuObjectSize", number},
		"X-Amz-Skip-Destination-Validation":     {"SkipDestinationValidation", boolean},
	}
	for header, name := range map[string]string{
		"Cache-Control": "CacheControl", "Content-Disposition": "ContentDisposition", "Content-Encoding": "ContentEncoding",
		"Content-Language": "ContentLanguage", "Content-Type": "ContentType", "Expires": "Expires", "Content-Md5": "ContentMD5",
		"If-Match": "IfMatch", "If-None-Match": "IfNoneMatch", "Range": "Range",
		"X-Amz-Acl": "ACL", "X-Amz-Storage-Class": "StorageClass", "X-Amz-Object-Ownership": "ObjectOwnership",
		"X-Amz-Expected-Bucket-Owner": "ExpectedBucketOwner", "X-Amz-Source-Expected-Bucket-Owner": "ExpectedSourceBucketOwner",
		"X-Amz-Request-Payer": "RequestPayer", "X-Amz-Sdk-Checksum-Algorithm": "ChecksumAlgorithm", "X-Amz-Checksum-Algorithm": "ChecksumAlgorithm",
		"X-Amz-Checksum-Crc32": "ChecksumCRC32", "X-Amz-Checksum-Crc32c": "ChecksumCRC32C", "X-Amz-Checksum-Crc64nvme": "ChecksumCRC64NVME",
		"X-Amz-Checksum-Sha1": "ChecksumSHA1", "X-Amz-Checksum-Sha256": "ChecksumSHA256", "X-Amz-Checksum-Type": "ChecksumType",
		"X-Amz-Checksum-Mode": "ChecksumMode", "X-Amz-Copy-Source": "CopySource", "X-Amz-Copy-Source-Range": "CopySourceRange",
		"X-Amz-Copy-Source-If-Match": "CopySourceIfMatch", "X-Amz-Copy-Source-If-None-Match": "CopySourceIfNoneMatch",
		"X-Amz-Metadata-Directive": "MetadataDirective", "X-Amz-Tagging-Directive": "TaggingDirective",
	} {
		all[header] = member{name, text}
	}
	return all
}

func queryMembers() map[string]member {
	all := map[string]member{
		"max-keys": {"MaxKeys", number}, "max-parts": {"MaxParts", number}, "max-uploads": {"MaxUploads", number}, "max-buckets": {"MaxBuckets", number},
		"partNumber": {"PartNumber", number}, "part-number-marker": {"PartNumberMarker", number}, "fetch-owner": {"FetchOwner", boolean},
	}
	for param, name := range map[string]string{
		"prefix": "Prefix", "delimiter": "Delimiter", "encoding-type": "EncodingType", "marker": "Marker", "start-after": "StartAfter",
		"continuation-token": "ContinuationToken", "bucket-region": "BucketRegion", "uploadId": "UploadId", "versionId": "VersionId",
		"key-marker": "KeyMarker", "version-id-marker": "VersionIdMarker", "upload-id-marker": "UploadIdMarker",
		"response-cache-control": "ResponseCacheControl", "response-content-disposition": "ResponseContentDisposition",
		"response-content-encoding": "ResponseContentEncoding", "response-content-language": "ResponseContentLanguage",
		"response-content-type": "ResponseContentType", "response-expires": "ResponseExpires",
	} {
		all[param] = member{name, text}
	}
	return all
}

// harmless are the x-amz- headers that ask for nothing: those of the
// signature and the framing, and hints.
const harmless = " X-Amz-Date X-Amz-Content-Sha256 X-Amz-Security-Token X-Amz-User-Agent X-Amz-Decoded-Content-Length X-Amz-Trailer" +
	" X-Amz-Checksum-Mode X-Amz-Sdk-Checksum-Algorithm X-Amz-Optional-Object-Attributes X-Amz-Api-Version X-Amz-Te X-Amz-Request-Payer" +
	" X-Amz-Expected-Bucket-Owner X-Amz-Algorithm X-Amz-Credential X-Amz-Expires X-Amz-Signedheaders X-Amz-Signature "

// members makes the operation's document from headers and query. A header
// that asks for what the operation does not do is refused by name.
func (x *exchange) members(rt route) (map[string]any, error) {
	doc := map[string]any{}
	if x.target.bucket != "" {
		doc["Bucket"] = x.target.bucket
	}
	if x.target.key != "" {
		doc["Key"] = x.target.key
	}
	wanted := strings.Fields(rt.members)
	for name, values := range x.target.query {
		m, ok := x.queries[name]
		if ok && slices.Contains(wanted, m.name) && values[0] != "" {
			if err := m.put(doc, name, values[0]); err != nil {
				return nil, err
			}
		}
	}
	for name, values := range x.headerValues() {
		if err := x.header(doc, wanted, name, strings.Join(values, ",")); err != nil {
			return nil, err
		}
	}
	x.framing(doc, rt)
	return doc, nil
}

// headerValues are the headers, and those that a presigned URL carries in its
// query.
func (x *exchange) headerValues() http.Header {
	all := x.r.Header.Clone()
	for name, values := range x.target.query {
		lower := strings.ToLower(name)
		if !strings.HasPrefix(lower, "x-amz-") && lower != "content-type" && lower != "content-md5" {
			continue
		}
		if name = http.CanonicalHeaderKey(name); all.Get(name) == "" {
			all[name] = values
		}
	}
	return all
}

func (x *exchange) header(doc map[string]any, wanted []string, name, value string) error {
	if key, ok := strings.CutPrefix(name, "X-Amz-Meta-"); ok && slices.Contains(wanted, "Metadata") {
		metadata, _ := doc["Metadata"].(map[string]string)
		if metadata == nil {
			metadata = map[string]string{}
			doc["Metadata"] = metadata
		}
		metadata[strings.ToLower(key)] = value
		return nil
	}
	m, ok := x.headers[name]
	switch {
	case ok && slices.Contains(wanted, m.name):
		if value == "" {
			return nil
		}
		return m.put(doc, name, value)
	case !strings.HasPrefix(name, "X-Amz-") || strings.Contains(harmless, " "+name+" "):
		return nil
	case strings.HasPrefix(name, "X-Amz-Checksum-") && !slices.Contains(wanted, "ContentMD5"): // of a document: readAll checks it
		return nil
	case value == "false" || value == "":
		return nil
	}
	return &operation.Error{Code: "NotImplemented", Status: http.StatusNotImplemented,
		Message: fmt.Sprintf("A header you provided implies functionality that is not implemented: Salamander does not implement %s in s3:%s.", strings.ToLower(name), x.target.operation),
		Members: map[string]any{"Header": strings.ToLower(name)}}
}

// put adds a value as its kind.
func (m member) put(doc map[string]any, from, value string) error {
	bad := func(message string) error {
		return &operation.Error{Code: "InvalidArgument", Message: message, Members: map[string]any{"ArgumentName": from, "ArgumentValue": value}}
	}
	switch m.kind {
	case text:
		doc[m.name] = value
	case number:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n > 1<<31-1 && m.name != "MpuObjectSize" {
			if m.name == "PartNumber" {
				return bad("Part number must be an integer between 1 and 10000, inclusive")
			}
			return bad("Provided " + from + " not an integer or within integer range")
		}
		doc[m.name] = n
	case boolean:
		doc[m.name] = value == "true"
	case date:
		at, err := http.ParseTime(value)
		if err != nil {
			return nil // RFC 9110 has it ignored
		}
		doc[m.name] = operation.Time{Time: at}
	}
	return nil
}

// framing takes out of the document what is about the transfer.
func (x *exchange) framing(doc map[string]any, rt route) {
	if encoding, ok := doc["ContentEncoding"].(string); ok {
		var kept []string
		for e := range strings.SplitSeq(encoding, ",") {
			if e = strings.TrimSpace(e); e != "" && !strings.EqualFold(e, "aws-chunked") {
				kept = append(kept, e)
			}
		}
		doc["ContentEncoding"] = strings.Join(kept, ",")
		if len(kept) == 0 {
			delete(doc, "ContentEncoding")
		}
	}
	if !rt.streams {
		return
	}
	if n := x.body.Length(); n >= 0 {
		doc["ContentLength"] = n
	}
	if algorithm, ok := strings.CutPrefix(strings.ToLower(x.r.Header.Get("X-Amz-Trailer")), "x-amz-checksum-"); ok {
		doc["ChecksumAlgorithm"] = strings.ToUpper(algorithm)
	}
}

// outputHeaders are the members of outputs that are headers, as S3 spells
// them.
func outputHeaders() map[string]string {
	return map[string]string{
		"AcceptRanges": "Accept-Ranges", "ContentLength": "Content-Length", "ETag": "ETag", "ContentRange": "Content-Range",
		"CacheControl": "Cache-Control", "ContentDisposition": "Content-Disposition", "ContentEncoding": "Content-Encoding",
		"ContentLanguage": "Content-Language", "ContentType": "Content-Type", "Expires": "Expires", "Location": "Location",
		"BucketArn": "x-amz-bucket-arn", "BucketRegion": "x-amz-bucket-region", "AccessPointAlias": "x-amz-access-point-alias",
		"PartsCount": "x-amz-mp-parts-count", "ChecksumType": "x-amz-checksum-type", "ChecksumAlgorithm": "x-amz-checksum-algorithm",
		"ChecksumCRC32": "x-amz-checksum-crc32", "ChecksumCRC32C": "x-amz-checksum-crc32c", "ChecksumCRC64NVME": "x-amz-checksum-crc64nvme",
		"ChecksumSHA1": "x-amz-checksum-sha1", "ChecksumSHA256": "x-amz-checksum-sha256",
	}
}

func (x *exchange) writeHeaders(doc map[string]json.RawMessage) error {
	h := x.w.Header()
	for name, header := range outputHeaders() {
		raw, ok := doc[name]
		if !ok {
			continue
		}
		value := string(raw)
		if strings.HasPrefix(value, `"`) {
			if err := json.Unmarshal(raw, &value); err != nil {
				return err
			}
		}
		if header == "ETag" { // which net/http would spell Etag
			h[header] = []string{value}
			continue
		}
		h.Set(header, oneLine(value))
	}
	if raw, ok := doc["LastModified"]; ok {
		var at operation.Time
		if err := json.Unmarshal(raw, &at); err != nil {
			return err
		}
		h.Set("Last-Modified", at.UTC().Format(http.TimeFormat))
	}
	if raw, ok := doc["Metadata"]; ok {
		var metadata map[string]string
		if err := json.Unmarshal(raw, &metadata); err != nil {
			return err
		}
		for k, v := range metadata {
			h["x-amz-meta-"+oneLine(k)] = []string{oneLine(v)} // boto3 shows names as they are sent
		}
	}
	return nil
}

// oneLine keeps a stored value, which another protocol may have brought, from
// making headers of its own.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// isoTime is a timestamp as S3's XML has it.
func isoTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

package dataset

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"salamander/asl"
)

// maxManifest is the size of a manifest at most, in bytes.
const maxManifest = 64 << 20

// athena gives the items of the files that the manifest of an UNLOAD of
// Athena lists: a CSV file of their addresses.
func (o *opener) athena(at place) (nextFunc, error) {
	body, err := o.body(at, o.r.Arguments)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(body, maxManifest))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(text), "\n")
	return o.chain(func() (place, error) {
		for len(lines) > 0 {
			line := strings.Trim(strings.TrimSpace(lines[0]), `"`)
			lines = lines[1:]
			if line == "" {
				continue
			}
			rest, ok := strings.CutPrefix(line, "s3://")
			bucket, key, found := strings.Cut(rest, "/")
			if !ok || !found {
				return place{}, fmt.Errorf("the manifest %s has %q, which is no address of an object", at.source(), line)
			}
			return place{bucket, key}, nil
		}
		return place{}, io.EOF
	}), nil
}

// inventory gives the rows of the files of an S3 inventory.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
func (o *opener) inventory(at place) (nextFunc, error) {
	body, err := o.body(at, o.r.Arguments)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(body, maxManifest))
	if err != nil {
		return nil, err
	}
	var manifest struct {
		DestinationBucket, FileFormat, FileSchema string
		Files                                     []struct{ Key string }
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, fmt.Errorf("%s is no manifest of an inventory: %w", at.source(), err)
	}
	if manifest.FileFormat != "CSV" {
		return nil, fmt.Errorf("%s names files of the format %q; it needs CSV", at.source(), manifest.FileFormat)
	}
	var headers []string
	for h := range strings.SplitSeq(manifest.FileSchema, ",") {
		headers = append(headers, strings.TrimSpace(h))
	}
	bucket := manifest.DestinationBucket[strings.LastIndexByte(manifest.DestinationBucket, ':')+1:]
	var current nextFunc
	files := manifest.Files
	return func() (asl.MapItem, error) {
		for {
			if current != nil {
				it, err := current()
				if !errors.Is(err, io.EOF) {
					return it, err
				}
				o.d.Close()
			}
			if len(files) == 0 {
				return asl.MapItem{}, io.EOF
			}
			file := place{bucket, files[0].Key}
			files = files[1:]
			var err error
			if current, err = o.file(file, file.arguments(), "CSV", headers); err != nil {
				return asl.MapItem{}, err
			}
		}
	}, nil
}

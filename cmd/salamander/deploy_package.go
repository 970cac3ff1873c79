package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"salamander/internal/value"
	"salamander/operation"
	"salamander/stack/template"
)

// artifactBucket is where files that templates refer to are put, below the
// name of their stack.
const artifactBucket = "salamander-artifacts-" + defaultAccount

// A packager uploads the local files that a template refers to, as `aws
// cloudformation package` does, and puts their places into the template.
type packager struct {
	client  *serverClient
	stack   string
	made    bool // the bucket
	uploads int
}

// maxInline is the size of a template in a request in bytes at most.
const maxInline = 51200

// file reads a template, uploads what it refers to and returns its text. A
// template that refers to nothing local is returned as it is.
func (p *packager) file(ctx context.Context, file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	root, err := template.Read(text)
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	doc, ok := root.Value().(*value.Object)
	if !ok {
		return string(text), nil // the server says what is wrong
	}
	before := p.uploads
	if err := p.resources(ctx, doc, filepath.Dir(file)); err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	if p.uploads == before {
		return string(text), nil
	}
	return value.Text(doc), nil
}

func (p *packager) resources(ctx context.Context, doc *value.Object, dir string) error {
	resources := innerObject(doc, "Resources")
	if resources == nil {
		return nil
	}
	for _, m := range resources.Members() {
		resource, _ := m.Value.(*value.Object)
		props := innerObject(resource, "Properties")
		if props == nil {
			continue
		}
		kind, _ := resource.Get("Type")
		if err := p.resource(ctx, fmt.Sprint(kind), props, dir); err != nil {
			return fmt.Errorf("resource %s: %w", m.Key, err)
		}
	}
	return nil
}

func innerObject(o *value.Object, key string) *value.Object {
	if o == nil {
		return nil
	}
	v, _ := o.Get(key)
	inner, _ := v.(*value.Object)
	return inner
}

// resource uploads what one resource refers to.
func (p *packager) resource(ctx context.Context, kind string, props *value.Object, dir string) error {
	place := func(prop string) (string, bool) {
		v, _ := props.Get(prop)
		text, ok := v.(string)
		if !ok || strings.Contains(text, "://") || text == "" {
			return "", false
		}
		if !filepath.IsAbs(text) {
			text = filepath.Join(dir, text)
		}
		return text, true
	}
	switch kind {
	case "AWS::Lambda::Function":
		if path, ok := place("Code"); ok {
			key, err := p.archive(ctx, path)
			props.Set("Code", value.NewObject(value.Member{Key: "S3Bucket", Value: artifactBucket}, value.Member{Key: "S3Key", Value: key}))
			return err
		}
	case "AWS::Serverless::Function":
		if path, ok := place("CodeUri"); ok {
			key, err := p.archive(ctx, path)
			props.Set("CodeUri", "s3://"+artifactBucket+"/"+key)
			return err
		}
	case "AWS::StepFunctions::StateMachine":
		if path, ok := place("DefinitionS3Location"); ok {
			key, err := p.plain(ctx, path)
			props.Set("DefinitionS3Location", value.NewObject(value.Member{Key: "Bucket", Value: artifactBucket}, value.Member{Key: "Key", Value: key}))
			return err
		}
	case "AWS::Serverless::StateMachine":
		if path, ok := place("DefinitionUri"); ok {
			key, err := p.plain(ctx, path)
			props.Set("DefinitionUri", "s3://"+artifactBucket+"/"+key)
			return err
		}
	case "AWS::CloudFormation::Stack":
		if path, ok := place("TemplateURL"); ok {
			text, err := p.file(ctx, path)
			if err != nil {
				return err
			}
			at, err := p.template(ctx, text)
			props.Set("TemplateURL", at)
			return err
		}
	}
	return nil
}

// template uploads a template's text and returns its address.
func (p *packager) template(ctx context.Context, text string) (string, error) {
	key, err := p.put(ctx, []byte(text), ".template")
	return p.client.endpoint + objectPath(artifactBucket, key), err
}

func (p *packager) plain(ctx context.Context, path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return p.put(ctx, b, filepath.Ext(path))
}

// archive uploads a directory or a file as a zip archive; an archive as it is.
func (p *packager) archive(ctx context.Context, path string) (string, error) {
	if ext := filepath.Ext(path); ext == ".zip" || ext == ".jar" {
		return p.plain(ctx, path)
	}
	b, err := zipTree(path)
	if err != nil {
		return "", err
	}
	return p.put(ctx, b, ".zip")
}

// zipTree returns an archive of a directory's files, or of one file, the same
// bytes for the same files.
func zipTree(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	dir := path
	if !info.IsDir() {
		dir = filepath.Dir(path)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	err = filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		h := &zip.FileHeader{Name: filepath.ToSlash(name), Method: zip.Deflate, Modified: time.Date(2003, 1, 2, 0, 0, 0, 0, time.UTC)}
		if info, err := d.Info(); err == nil {
			h.SetMode(info.Mode().Perm())
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write(text)
		}
		return err
	})
	if closeErr := z.Close(); err == nil {
		err = closeErr
	}
	return b.Bytes(), err
}

// put uploads bytes under their hash and returns the key.
func (p *packager) put(ctx context.Context, b []byte, ext string) (string, error) {
	if !p.made {
		if _, err := p.client.send(ctx, "s3", http.MethodPut, objectPath(artifactBucket), "", nil); err != nil && operation.AsError(err).Code != "BucketAlreadyOwnedByYou" {
			return "", fmt.Errorf("make the bucket %s: %w", artifactBucket, err)
		}
		p.made = true
	}
	sum := sha256.Sum256(b)
	key := p.stack + "/" + hex.EncodeToString(sum[:16]) + ext
	if _, err := p.client.send(ctx, "s3", http.MethodPut, objectPath(artifactBucket, key), "application/octet-stream", b); err != nil {
		return "", fmt.Errorf("put s3://%s/%s: %w", artifactBucket, key, err)
	}
	p.uploads++
	return key, nil
}

// forget deletes what was uploaded for a stack, and the bucket once it is
// empty.
func (p *packager) forget(ctx context.Context) error {
	for {
		text, err := p.client.send(ctx, "s3", http.MethodGet, objectPath(artifactBucket)+"?list-type=2&prefix="+url.QueryEscape(p.stack+"/"), "", nil)
		if operation.AsError(err).Code == "NoSuchBucket" {
			return nil
		} else if err != nil {
			return err
		}
		var found struct {
			Contents []struct{ Key string }
		}
		if err := xml.Unmarshal(text, &found); err != nil {
			return err
		}
		if len(found.Contents) == 0 {
			break
		}
		for _, o := range found.Contents {
			if _, err := p.client.send(ctx, "s3", http.MethodDelete, objectPath(artifactBucket, o.Key), "", nil); err != nil {
				return err
			}
		}
	}
	_, err := p.client.send(ctx, "s3", http.MethodDelete, objectPath(artifactBucket), "", nil)
	if operation.AsError(err).Code == "BucketNotEmpty" { // other stacks have files there
		return nil
	}
	return err
}

package stack

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// lambdaKinds are the types of AWS Lambda.
func lambdaKinds() catalog {
	return catalog{
		"AWS::Lambda::Function": {
			props: "FunctionName Code Handler Runtime Role Description Timeout MemorySize Environment Tags Architectures PackageType EphemeralStorage LoggingConfig TracingConfig SnapStart " +
				"VpcConfig DeadLetterConfig KmsKeyArn Layers FileSystemConfigs ImageConfig ReservedConcurrentExecutions CodeSigningConfigArn RuntimeManagementConfig RecursiveLoop",
			replace: "FunctionName PackageType", named: "FunctionName", tagged: true,
			create: createFunction, update: updateFunction,
			remove: func(c *call) error {
				_, err := c.do("lambda", "DeleteFunction", map[string]any{"FunctionName": c.physical})
				return gone(err)
			},
			needs: []string{"lambda:CreateFunction", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:DeleteFunction"},
		},
		"AWS::Lambda::Permission": {
			props: "FunctionName Action Principal SourceArn SourceAccount EventSourceToken PrincipalOrgID FunctionUrlAuthType InvokedViaFunctionUrl", note: policiesNote,
			create: addPermission,
			remove: func(c *call) error {
				if c.private["recorded"] != "" {
					return nil // by a salamander that had no operation for it
				}
				_, err := c.do("lambda", "RemovePermission", map[string]any{"FunctionName": c.text("FunctionName"), "StatementId": c.physical})
				return gone(err)
			},
			needs: []string{"lambda:AddPermission", "lambda:RemovePermission"},
		},
		"AWS::Lambda::Version": {
			props:  "FunctionName Description CodeSha256 ProvisionedConcurrencyConfig RuntimePolicy",
			create: publishVersion,
			remove: func(c *call) error {
				_, err := c.do("lambda", "DeleteFunction", map[string]any{"FunctionName": c.text("FunctionName"), "Qualifier": scalarText(c.attrs["Version"])})
				return gone(err)
			},
			needs: []string{"lambda:PublishVersion", "lambda:ListVersionsByFunction", "lambda:DeleteFunction"},
		},
		"AWS::Lambda::Alias": {
			props: "FunctionName FunctionVersion Name Description RoutingConfig ProvisionedConcurrencyConfig", replace: "FunctionName Name",
			create: func(c *call) error { return c.putAlias("CreateAlias") },
			update: func(c *call) error { return c.putAlias("UpdateAlias") },
			remove: func(c *call) error {
				_, err := c.do("lambda", "DeleteAlias", map[string]any{"FunctionName": c.text("FunctionName"), "Name": c.text("Name")})
				return gone(err)
			},
			needs: []string{"lambda:CreateAlias", "lambda:UpdateAlias", "lambda:DeleteAlias"},
		},
	}
}

func createFunction(c *call) error {
	name, generated := c.name("FunctionName", naming{})
	in, err := c.input("lambda", "CreateFunction", map[string]string{"Code": "", "ReservedConcurrentExecutions": "", "RuntimeManagementConfig": "", "RecursiveLoop": ""})
	if err != nil {
		return err
	}
	if err := c.refuseProps("ReservedConcurrentExecutions", "RuntimeManagementConfig"); err != nil {
		return err
	}
	code, err := c.code()
	if err != nil {
		return err
	}
	in["FunctionName"], in["Code"] = name, code
	out, err := c.do("lambda", "CreateFunction", in)
	if err = c.made(err, generated); err != nil {
		return err
	}
	arn := get(out, "FunctionArn")
	if arn == "" {
		arn = c.arnOf("lambda", "function:"+name)
	}
	c.physical = name
	c.attrs = map[string]any{"Arn": arn}
	return nil
}

// refuseProps refuses properties that ask for what there is not.
func (c *call) refuseProps(props ...string) error {
	for _, p := range props {
		if _, ok := c.props[p]; ok {
			return &PropertyError{p, "Salamander does not implement it"}
		}
	}
	return nil
}

// code returns where the function's package comes from. Inline text becomes
// a package of one file, as AWS makes it.
func (c *call) code() (map[string]any, error) {
	code := object(c.props, "Code")
	text, inline := code["ZipFile"].(string)
	if !inline {
		in, err := inputOf("lambda", "CreateFunction", map[string]any{"Code": code}, nil)
		if err != nil {
			return nil, err
		}
		out, _ := in["Code"].(map[string]any)
		return out, nil
	}
	runtime := c.text("Runtime")
	var file string
	files := map[string]string{}
	switch {
	case strings.HasPrefix(runtime, "python"):
		file = "index.py"
		files["cfnresponse.py"] = cfnresponsePython
	case strings.HasPrefix(runtime, "nodejs"):
		file = "index.js"
		files["cfn-response.js"] = cfnresponseNode
	default:
		return nil, &PropertyError{"Code.ZipFile", fmt.Sprintf("inline code is for runtimes of Python and Node.js; %q is none", runtime)}
	}
	files[file] = text
	archive, err := zipFiles(files)
	if err != nil {
		return nil, err
	}
	return map[string]any{"ZipFile": base64.StdEncoding.EncodeToString(archive)}, nil
}

// zipFiles returns an archive, the same bytes for the same files.
func zipFiles(files map[string]string) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range sortedKeys(files) {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(2003, 1, 2, 0, 0, 0, 0, time.UTC)}
		h.SetMode(0o644)
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write([]byte(files[name]))
		}
		if err != nil {
			return nil, fmt.Errorf("zip %s: %w", name, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("zip: %w", err)
	}
	return b.Bytes(), nil
}

func updateFunction(c *call) error {
	if err := c.refuseProps("ReservedConcurrentExecutions", "RuntimeManagementConfig"); err != nil {
		return err
	}
	if c.changed("Code", "Architectures") {
		in, err := c.code()
		if err != nil {
			return err
		}
		in["FunctionName"] = c.physical
		if a, ok := c.props["Architectures"]; ok {
			in["Architectures"] = a
		}
		if _, err := c.do("lambda", "UpdateFunctionCode", in); err != nil {
			return err
		}
	}
	settings := []string{"Handler", "Runtime", "Role", "Description", "Timeout", "MemorySize", "Environment", "EphemeralStorage", "LoggingConfig",
		"TracingConfig", "SnapStart", "VpcConfig", "DeadLetterConfig", "KmsKeyArn", "Layers", "FileSystemConfigs", "ImageConfig"}
	if c.changed(settings...) {
		in, err := inputOf("lambda", "UpdateFunctionConfiguration", only(c.props, settings...), nil)
		if err != nil {
			return err
		}
		in["FunctionName"] = c.physical
		for member, unset := range map[string]any{"Description": "", "Timeout": 3, "MemorySize": 128, "Environment": map[string]any{"Variables": map[string]any{}}} {
			if _, ok := in[member]; !ok {
				in[member] = unset // what is left out of the template goes back to the default
			}
		}
		if _, err := c.do("lambda", "UpdateFunctionConfiguration", in); err != nil {
			return err
		}
	}
	if c.changed("Tags") {
		return c.retag("lambda", "TagResource", "UntagResource", "Resource", scalarText(c.attrs["Arn"]))
	}
	return nil
}

// addPermission keeps a permission, which nothing enforces.
func addPermission(c *call) error {
	c.physical = c.generate(naming{max: 100})
	in, err := c.input("lambda", "AddPermission", nil)
	if err != nil {
		return err
	}
	in["StatementId"] = c.physical
	_, err = c.do("lambda", "AddPermission", in)
	c.attrs = map[string]any{"Id": c.physical}
	return c.made(err, true)
}

// publishVersion makes a version. As on AWS it fails where nothing has changed
// since the last one.
func publishVersion(c *call) error {
	if err := c.refuseProps("ProvisionedConcurrencyConfig", "RuntimePolicy"); err != nil {
		return err
	}
	in, err := c.input("lambda", "PublishVersion", nil)
	if err != nil {
		return err
	}
	before := map[string]bool{}
	for marker := ""; ; {
		page, err := c.do("lambda", "ListVersionsByFunction", map[string]any{"FunctionName": c.text("FunctionName"), "Marker": marker})
		if err != nil {
			return err
		}
		for _, v := range list(page, "Versions") {
			before[get(v, "Version")] = true
		}
		if marker = get(page, "NextMarker"); marker == "" {
			break
		}
	}
	out, err := c.do("lambda", "PublishVersion", in)
	if err != nil {
		return err
	}
	version := get(out, "Version")
	if before[version] && !c.repeat {
		return sayf("A version for this Lambda function exists ( %s ). Modify the function to create a new version.", version)
	}
	c.physical = get(out, "FunctionArn")
	c.attrs = map[string]any{"Version": version, "FunctionArn": c.physical}
	return nil
}

// putAlias makes or changes an alias. What is left out of the template goes
// back to the default.
func (c *call) putAlias(op string) error {
	if err := c.refuseProps("ProvisionedConcurrencyConfig"); err != nil {
		return err
	}
	in, err := c.input("lambda", op, map[string]string{"RoutingConfig": ""})
	if err != nil {
		return err
	}
	if _, ok := in["Description"]; !ok {
		in["Description"] = ""
	}
	weights := map[string]any{}
	for _, w := range list(object(c.props, "RoutingConfig"), "AdditionalVersionWeights") {
		share, err := strconv.ParseFloat(get(w, "FunctionWeight"), 64)
		if err != nil {
			return &PropertyError{"RoutingConfig.AdditionalVersionWeights", fmt.Sprintf("%q is no weight", get(w, "FunctionWeight"))}
		}
		weights[get(w, "FunctionVersion")] = share
	}
	in["RoutingConfig"] = map[string]any{"AdditionalVersionWeights": weights}
	out, err := c.do("lambda", op, in)
	if err != nil {
		return err
	}
	c.physical = get(out, "AliasArn")
	c.attrs = map[string]any{"AliasArn": c.physical}
	return nil
}

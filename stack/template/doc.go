// Package template is the template language of CloudFormation: it reads a text
// in YAML or JSON, checks it, expands SAM, and evaluates its functions. It is
// pure: what only a stack knows (the physical names of resources, exports,
// secrets) comes through a [Resolver].
//
// [Parse] gives a [Template]; [Template.Bind] checks the values of its
// parameters and decides its conditions; the [Bound] template then tells the
// order of its resources and evaluates their properties and the outputs.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-reference.html
package template

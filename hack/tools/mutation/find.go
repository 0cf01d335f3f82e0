package main

import (
	"go/ast"
	"go/token"
	"strconv"
)

// conditions negates the condition of each if and drops it (so that it always
// or never holds), and drops one side of each && and ||.
func (f *finder) conditions(n ast.Node) {
	const kind = "condition"
	switch n := n.(type) {
	case *ast.IfStmt:
		text := "(" + f.text(n.Cond) + ")"
		f.replace(kind, n.Cond.Pos(), n.Cond.End(), "!"+text)
		f.replace(kind, n.Cond.Pos(), n.Cond.End(), text+" || true")
		f.replace(kind, n.Cond.Pos(), n.Cond.End(), text+" && false")
	case *ast.BinaryExpr:
		if n.Op == token.LAND || n.Op == token.LOR {
			f.replace(kind, n.Pos(), n.End(), f.text(n.X))
			f.replace(kind, n.Pos(), n.End(), f.text(n.Y))
		}
	}
}

// moved is what a comparison becomes when its boundary moves by one.
var moved = map[token.Token]string{token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">"}

// boundaries moves comparisons, numbers in sums and numbers in slices by one.
func (f *finder) boundaries(n ast.Node) {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if op := moved[n.Op]; op != "" {
			f.replace("boundary", n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), op)
		}
		f.number(n.X)
		f.number(n.Y)
	case *ast.SliceExpr:
		f.number(n.Low)
		f.number(n.High)
	case *ast.IndexExpr:
		f.number(n.Index)
	}
}

// number makes a literal one larger.
func (f *finder) number(n ast.Expr) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.INT {
		return
	}
	if value, err := strconv.ParseInt(lit.Value, 0, 64); err == nil {
		f.replace("boundary", lit.Pos(), lit.End(), strconv.FormatInt(value+1, 10))
	}
}

// statements removes each statement that declares nothing.
func (f *finder) statements(n ast.Node) {
	var body []ast.Stmt
	switch n := n.(type) {
	case *ast.BlockStmt:
		body = n.List
	case *ast.CaseClause:
		body = n.Body
	case *ast.CommClause:
		body = n.Body
	}
	for _, s := range body {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE {
				f.replace("statement", s.Pos(), s.End(), f.uses(s))
			}
		case *ast.ExprStmt, *ast.IncDecStmt, *ast.DeferStmt, *ast.GoStmt, *ast.SendStmt, *ast.BranchStmt:
			f.replace("statement", s.Pos(), s.End(), "")
		}
	}
}

// uses keeps what a removed assignment reads in use, so that the mutant
// compiles. Calls are not made.
func (f *finder) uses(s *ast.AssignStmt) string {
	for _, x := range s.Rhs {
		if id, ok := x.(*ast.Ident); ok && id.Name != "nil" && id.Name != "true" && id.Name != "false" {
			return "_ = " + id.Name
		}
	}
	return ""
}

// entries removes each element of a composite literal, each value of a case,
// and each further argument of append.
func (f *finder) entries(n ast.Node) {
	switch n := n.(type) {
	case *ast.CompositeLit:
		f.each(n.Elts, 0)
	case *ast.CaseClause:
		f.each(n.List, 1)
	case *ast.CallExpr:
		if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "append" && !n.Ellipsis.IsValid() && len(n.Args) > 2 {
			f.each(n.Args[1:], 1)
		}
	}
}

// each removes the elements one at a time where more than rest of them exist.
func (f *finder) each(list []ast.Expr, rest int) {
	for i, e := range list {
		switch {
		case len(list) <= rest:
		case i+1 < len(list):
			f.replace("entry", e.Pos(), list[i+1].Pos(), "")
		case i > 0:
			f.replace("entry", list[i-1].End(), e.End(), "")
		default:
			f.replace("entry", e.Pos(), e.End(), "")
		}
	}
}

// errors swallows errors: the body of each if err != nil becomes empty, and
// each err that a return hands on becomes nil.
func (f *finder) errors(n ast.Node) {
	switch n := n.(type) {
	case *ast.IfStmt:
		if c, ok := n.Cond.(*ast.BinaryExpr); ok && c.Op == token.NEQ && isError(c.X) && n.Else == nil {
			f.replace("error", n.Body.Pos(), n.Body.End(), "{}")
		}
	case *ast.ReturnStmt:
		if len(n.Results) == 0 {
			return
		}
		if last := n.Results[len(n.Results)-1]; isError(last) {
			f.replace("error", last.Pos(), last.End(), "nil")
		}
	}
}

func isError(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "err"
}

//! Templates with their operators made filters. The library has no say over its operators, and one can copy or go over all that a template
//! holds, for one instruction of fuel: `~`, `+`, `*`, `==`, `in`, slices, and printing. So each that may be large becomes a filter of
//! [`super::work`] of the same meaning, which charges what it does. Names that no template can write keep them apart from others.
//!
//! Everything else stays as it was, lines included, because errors name them.

use minijinja::machinery::Span;
use minijinja::machinery::ast::{
    AutoEscape, BinOp, BinOpKind, Block, Call, CallArg, CallBlock, Compare, CompareOp, Const, Do, EmitExpr, EmitRaw,
    Expr, Filter, FilterBlock, ForLoop, GetAttr, GetItem, IfCond, IfExpr, List, Macro, Map, Set, SetBlock, Slice,
    Spanned, Stmt, Template, Test, Tuple, UnaryOp, UnaryOpKind, Var, WithBlock,
};
use minijinja::value::Value;

/// Charges a value as a text before it is printed.
pub(super) const PRINTED: &str = "<printed>";
/// Charges going over a value.
pub(super) const LOOKED: &str = "<looked>";
/// Charges a text of which one character is taken.
pub(super) const INDEXED: &str = "<indexed>";
/// Makes a list or an object one that knows what it weighs.
pub(super) const MADE: &str = "<made>";
/// What a namespace is to hold.
pub(super) const KEPT: &str = "<kept>";
/// `+`
pub(super) const ADD: &str = "<+>";
/// `*`
pub(super) const MULTIPLY: &str = "<*>";
/// `~`
pub(super) const CONCAT: &str = "<~>";

/// Text between braces from this length on is charged too: a loop can repeat it.
const RAW_BYTES_MIN: usize = 64;

type Rewritten<T> = Result<T, String>;

/// The same template, charged.
///
/// # Errors
/// It asks for other templates, of which there are none.
pub(super) fn rewrite<'a>(stmt: &Stmt<'a>) -> Rewritten<Stmt<'a>> {
    Ok(match stmt {
        Stmt::Template(it) => Stmt::Template(Spanned::new(Template { children: all(&it.children)? }, it.span())),
        Stmt::EmitExpr(it) => Stmt::EmitExpr(Spanned::new(EmitExpr { expr: printed(&it.expr) }, it.span())),
        Stmt::EmitRaw(it) if it.raw.len() < RAW_BYTES_MIN => {
            Stmt::EmitRaw(Spanned::new(EmitRaw { raw: it.raw }, it.span()))
        }
        Stmt::EmitRaw(it) => {
            let text = constant(Value::from_safe_string(it.raw.to_owned()), it.span());
            Stmt::EmitExpr(Spanned::new(EmitExpr { expr: filter(PRINTED, text, Vec::new(), it.span()) }, it.span()))
        }
        Stmt::ForLoop(it) => Stmt::ForLoop(Spanned::new(
            ForLoop {
                target: same(&it.target),
                iter: expr(&it.iter),
                filter_expr: it.filter_expr.as_ref().map(expr),
                recursive: it.recursive,
                body: all(&it.body)?,
                else_body: all(&it.else_body)?,
            },
            it.span(),
        )),
        Stmt::IfCond(it) => {
            let (true_body, false_body) = (all(&it.true_body)?, all(&it.false_body)?);
            Stmt::IfCond(Spanned::new(IfCond { expr: expr(&it.expr), true_body, false_body }, it.span()))
        }
        Stmt::WithBlock(it) => {
            let assignments = it.assignments.iter().map(|(target, value)| (same(target), expr(value))).collect();
            Stmt::WithBlock(Spanned::new(WithBlock { assignments, body: all(&it.body)? }, it.span()))
        }
        Stmt::Set(it) => Stmt::Set(Spanned::new(set(it), it.span())),
        Stmt::SetBlock(it) => {
            let filter = it.filter.as_ref().map(expr);
            Stmt::SetBlock(Spanned::new(SetBlock { target: same(&it.target), filter, body: all(&it.body)? }, it.span()))
        }
        Stmt::AutoEscape(it) => {
            Stmt::AutoEscape(Spanned::new(AutoEscape { enabled: expr(&it.enabled), body: all(&it.body)? }, it.span()))
        }
        Stmt::FilterBlock(it) => {
            Stmt::FilterBlock(Spanned::new(FilterBlock { filter: expr(&it.filter), body: all(&it.body)? }, it.span()))
        }
        Stmt::Block(it) => {
            Stmt::Block(Spanned::new(Block { name: it.name, required: it.required, body: all(&it.body)? }, it.span()))
        }
        Stmt::Macro(it) => Stmt::Macro(Spanned::new(macro_of(it)?, it.span())),
        Stmt::CallBlock(it) => {
            let call = Spanned::new(call(&it.call), it.call.span());
            let macro_decl = Spanned::new(macro_of(&it.macro_decl)?, it.macro_decl.span());
            Stmt::CallBlock(Spanned::new(CallBlock { call, macro_decl }, it.span()))
        }
        Stmt::Do(it) => Stmt::Do(Spanned::new(Do { call: Spanned::new(call(&it.call), it.call.span()) }, it.span())),
        Stmt::Import(it) => return Err(no_other("import", it.span())),
        Stmt::FromImport(it) => return Err(no_other("import", it.span())),
        Stmt::Extends(it) => return Err(no_other("extends", it.span())),
        Stmt::Include(it) => return Err(no_other("include", it.span())),
    })
}

fn no_other(tag: &str, span: Span) -> String {
    format!("line {} of the template: there is no other template to {tag}: write all of it here", span.start_line)
}

fn all<'a>(stmts: &[Stmt<'a>]) -> Rewritten<Vec<Stmt<'a>>> {
    stmts.iter().map(rewrite).collect()
}

fn set<'a>(it: &Set<'a>) -> Set<'a> {
    let value = expr(&it.expr);
    let value = match &it.target {
        Expr::GetAttr(_) => filter(KEPT, value, Vec::new(), it.expr.span()),
        _ => value,
    };
    Set { target: same(&it.target), expr: value }
}

fn macro_of<'a>(it: &Macro<'a>) -> Rewritten<Macro<'a>> {
    Ok(Macro {
        name: it.name,
        args: it.args.iter().map(same).collect(),
        defaults: it.defaults.iter().map(expr).collect(),
        body: all(&it.body)?,
    })
}

/// What is assigned to: names, and lists of them.
fn same<'a>(target: &Expr<'a>) -> Expr<'a> {
    let items = |items: &[Expr<'a>]| items.iter().map(same).collect::<Vec<_>>();
    match target {
        Expr::List(it) => Expr::List(Spanned::new(List { items: items(&it.items) }, it.span())),
        Expr::Tuple(it) => Expr::Tuple(Spanned::new(Tuple { items: items(&it.items) }, it.span())),
        Expr::GetAttr(it) => Expr::GetAttr(Spanned::new(GetAttr { expr: same(&it.expr), name: it.name }, it.span())),
        other => expr(other),
    }
}

fn printed<'a>(it: &Expr<'a>) -> Expr<'a> {
    let is_kept = match it {
        Expr::Const(_) => true,
        // Instructions of their own, which print by themselves.
        Expr::Call(call) => match &call.expr {
            Expr::Var(var) => matches!(var.id, "super" | "loop"),
            Expr::GetAttr(attr) => matches!(&attr.expr, Expr::Var(var) if var.id == "self"),
            _ => false,
        },
        _ => false,
    };
    let value = expr(it);
    if is_kept { value } else { filter(PRINTED, value, Vec::new(), it.span()) }
}

fn filter<'a>(name: &'static str, value: Expr<'a>, args: Vec<Expr<'a>>, span: Span) -> Expr<'a> {
    let args = args.into_iter().map(CallArg::Pos).collect();
    Expr::Filter(Spanned::new(Filter { name, expr: Some(value), args }, span))
}

fn constant<'a>(value: Value, span: Span) -> Expr<'a> {
    Expr::Const(Spanned::new(Const { value }, span))
}

fn expr<'a>(it: &Expr<'a>) -> Expr<'a> {
    let option = |part: &Option<Expr<'a>>| part.as_ref().map(expr);
    let each = |parts: &[Expr<'a>]| parts.iter().map(expr).collect::<Vec<_>>();
    match it {
        Expr::Var(var) => Expr::Var(Spanned::new(Var { id: var.id }, var.span())),
        Expr::Const(it) => constant(it.value.clone(), it.span()),
        Expr::Slice(it) => {
            let of = filter(LOOKED, expr(&it.expr), Vec::new(), it.span());
            let slice = Slice { expr: of, start: option(&it.start), stop: option(&it.stop), step: option(&it.step) };
            filter(MADE, Expr::Slice(Spanned::new(slice, it.span())), Vec::new(), it.span())
        }
        Expr::UnaryOp(it) => {
            let op = if matches!(it.op, UnaryOpKind::Not) { UnaryOpKind::Not } else { UnaryOpKind::Neg };
            Expr::UnaryOp(Spanned::new(UnaryOp { op, expr: expr(&it.expr) }, it.span()))
        }
        Expr::BinOp(it) => bin_op(it, it.span()),
        Expr::Compare(it) => {
            let ops = it.ops.iter().map(|op| CompareOp { op: op.op, expr: looked(&op.expr) }).collect();
            Expr::Compare(Spanned::new(Compare { expr: looked(&it.expr), ops }, it.span()))
        }
        Expr::IfExpr(it) => {
            let (test_expr, true_expr) = (expr(&it.test_expr), expr(&it.true_expr));
            Expr::IfExpr(Spanned::new(IfExpr { test_expr, true_expr, false_expr: option(&it.false_expr) }, it.span()))
        }
        Expr::Filter(it) => {
            let of = it.expr.as_ref().map(expr);
            Expr::Filter(Spanned::new(Filter { name: it.name, expr: of, args: args(&it.args, expr) }, it.span()))
        }
        Expr::Test(it) => Expr::Test(Spanned::new(
            Test { name: it.name, expr: expr(&it.expr), args: args(&it.args, expr) },
            it.span(),
        )),
        Expr::GetAttr(it) => Expr::GetAttr(Spanned::new(GetAttr { expr: expr(&it.expr), name: it.name }, it.span())),
        Expr::GetItem(it) => {
            // A text counts its characters for an index.
            let is_name = matches!(&it.subscript_expr, Expr::Const(name) if name.value.as_str().is_some());
            let of = expr(&it.expr);
            let of = if is_name { of } else { filter(INDEXED, of, Vec::new(), it.span()) };
            Expr::GetItem(Spanned::new(GetItem { expr: of, subscript_expr: expr(&it.subscript_expr) }, it.span()))
        }
        Expr::Call(it) => Expr::Call(Spanned::new(call(it), it.span())),
        Expr::List(it) => made(Expr::List(Spanned::new(List { items: each(&it.items) }, it.span())), it.span()),
        Expr::Tuple(it) => made(Expr::Tuple(Spanned::new(Tuple { items: each(&it.items) }, it.span())), it.span()),
        Expr::Map(it) => {
            let map = Map { keys: each(&it.keys), values: each(&it.values) };
            made(Expr::Map(Spanned::new(map, it.span())), it.span())
        }
    }
}

fn made<'a>(literal: Expr<'a>, span: Span) -> Expr<'a> {
    filter(MADE, literal, Vec::new(), span)
}

fn call<'a>(it: &Call<'a>) -> Call<'a> {
    // `loop.changed(x)` compares. Macros and functions cost what they do with what they get.
    let is_method = matches!(it.expr, Expr::GetAttr(_));
    Call { expr: expr(&it.expr), args: args(&it.args, if is_method { looked } else { expr }) }
}

fn args<'a>(args: &[CallArg<'a>], each: fn(&Expr<'a>) -> Expr<'a>) -> Vec<CallArg<'a>> {
    let one = |arg: &CallArg<'a>| match arg {
        CallArg::Pos(value) => CallArg::Pos(each(value)),
        CallArg::Kwarg(name, value) => CallArg::Kwarg(name, each(value)),
        CallArg::PosSplat(value) => CallArg::PosSplat(looked(value)),
        CallArg::KwargSplat(value) => CallArg::KwargSplat(looked(value)),
    };
    args.iter().map(one).collect()
}

fn looked<'a>(it: &Expr<'a>) -> Expr<'a> {
    let value = expr(it);
    if matches!(value, Expr::Const(_)) { value } else { filter(LOOKED, value, Vec::new(), it.span()) }
}

fn bin_op<'a>(it: &BinOp<'a>, span: Span) -> Expr<'a> {
    use BinOpKind::{Add, Concat, Eq, Gt, Gte, In, Lt, Lte, Mul, Ne};
    let is_constant = |part: &Expr<'a>| matches!(part, Expr::Const(_));
    let is_number = |part: &Expr<'a>| matches!(part, Expr::Const(value) if value.value.is_number());
    let (left, right) = (expr(&it.left), expr(&it.right));
    let test =
        |name, left, right| Expr::Test(Spanned::new(Test { name, expr: left, args: vec![CallArg::Pos(right)] }, span));
    // What is compared with a constant costs no more than the constant is long.
    let is_cheap = is_constant(&it.left) || is_constant(&it.right);
    match it.op {
        Add if is_number(&it.left) || is_number(&it.right) => plain(Add, left, right, span),
        Mul if is_number(&it.left) && is_number(&it.right) => plain(Mul, left, right, span),
        Add => filter(ADD, left, vec![right], span),
        Mul => filter(MULTIPLY, left, vec![right], span),
        Concat => filter(CONCAT, left, vec![right], span),
        Eq if !is_cheap => test("==", left, right),
        Ne if !is_cheap => test("!=", left, right),
        Lt if !is_cheap => test("<", left, right),
        Lte if !is_cheap => test("<=", left, right),
        Gt if !is_cheap => test(">", left, right),
        Gte if !is_cheap => test(">=", left, right),
        In => plain(In, looked(&it.left), looked(&it.right), span),
        op => plain(op, left, right, span),
    }
}

fn plain<'a>(op: BinOpKind, left: Expr<'a>, right: Expr<'a>, span: Span) -> Expr<'a> {
    Expr::BinOp(Spanned::new(BinOp { op, left, right }, span))
}

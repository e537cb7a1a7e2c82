// The walk behind free-variables: visits every node of a function with the rules of scope of
// JavaScript and notes what is used from outside.

import { declareBlock, declareHoisted, declarePattern, hasUseStrict } from "./declarations.js";
import type { DynamicImport, FreeVariables } from "./free-variables.js";
import { type Context, Scope } from "./scope.js";
import {
  type AnyNode,
  type ClassNode,
  childrenOf,
  type FunctionNode,
  isClass,
  isFunction,
} from "./syntax.js";

const viteImport = "__vite_ssr_dynamic_import__";

/** One walk over one function or class. */
export class FreeVariableWalk {
  readonly #root: AnyNode;
  readonly #names = new Set<string>();
  readonly #plainUses = new Set<string>();
  readonly #wholeUses = new Set<string>();
  readonly #members = new Map<string, Set<string>>();
  readonly #assigned = new Set<string>();
  readonly #eager = new Set<string>();
  readonly #privateNames = new Set<string>();
  readonly #importMeta: { start: number; end: number }[] = [];
  readonly #dynamicImports: DynamicImport[] = [];
  readonly #flags = {
    usesOwnThis: false,
    usesOuterThis: false,
    usesOuterArguments: false,
    usesOuterNewTarget: false,
    usesSuper: false,
    usesEval: false,
  };

  constructor(root: AnyNode) {
    this.#root = root;
  }

  result(): FreeVariables {
    const names = this.#names;
    return {
      names,
      typeofOnly: new Set([...names].filter((name) => !this.#plainUses.has(name))),
      members: new Map([...this.#members].filter(([name]) => !this.#wholeUses.has(name))),
      assigned: this.#assigned,
      eager: this.#eager,
      privateNames: this.#privateNames,
      importMeta: this.#importMeta,
      dynamicImports: this.#dynamicImports,
      ...this.#flags,
    };
  }

  walk(node: AnyNode | null | undefined, context: Context): void {
    if (!node) return;
    if (isFunction(node)) this.#function(node, context);
    else if (isClass(node)) this.#class(node, context);
    else if (!this.#leaf(node, context) && !this.#statement(node, context)) {
      for (const child of childrenOf(node)) this.walk(child, context);
    }
  }

  #all(nodes: readonly (AnyNode | null)[], context: Context): void {
    for (const node of nodes) this.walk(node, context);
  }

  #leaf(node: AnyNode, context: Context): boolean {
    switch (node.type) {
      case "Identifier":
        this.#use(node.name, context);
        return true;
      case "PrivateIdentifier":
        if (!context.scope.declaresPrivate(node.name)) this.#privateNames.add(`#${node.name}`);
        return true;
      case "ThisExpression":
        if (context.rootThis) this.#flags.usesOwnThis = true;
        if (!context.ownThis) this.#flags.usesOuterThis = true;
        return true;
      case "Super":
        if (!context.inClass) this.#flags.usesSuper = true;
        return true;
      case "MetaProperty":
        if (node.meta.name === "import") {
          this.#importMeta.push({ start: node.start, end: node.end });
        } else if (!context.ownThis) this.#flags.usesOuterNewTarget = true;
        return true;
      case "BreakStatement":
      case "ContinueStatement":
        return true;
      default:
        return this.#expression(node, context);
    }
  }

  #expression(node: AnyNode, context: Context): boolean {
    switch (node.type) {
      case "MemberExpression":
        this.#member(node, context);
        return true;
      case "Property":
        if (node.computed) this.walk(node.key, context);
        // A method of an inner object literal has its own home object for `super`.
        this.walk(node.value, {
          ...context,
          inClass: context.inClass || node.method || node.kind !== "init",
        });
        return true;
      case "UnaryExpression":
        if (node.operator === "typeof" && node.argument.type === "Identifier") {
          this.#use(node.argument.name, context, "typeof");
        } else this.walk(node.argument, context);
        return true;
      case "AssignmentExpression":
        this.#target(node.left, context);
        this.walk(node.right, context);
        return true;
      case "UpdateExpression":
        this.#target(node.argument, context);
        return true;
      case "CallExpression":
        this.#call(node, context);
        return true;
      case "ImportExpression":
        this.#dynamicImport(node.source);
        this.walk(node.source, context);
        this.walk(node.options, context);
        return true;
      default:
        return false;
    }
  }

  #member(node: Extract<AnyNode, { type: "MemberExpression" }>, context: Context): void {
    const { object, property, computed } = node;
    if (object.type === "Identifier" && property.type === "Identifier" && !computed) {
      if (context.scope.declares(object.name)) return;
      const known = this.#members.get(object.name) ?? new Set();
      this.#members.set(object.name, known.add(property.name));
      this.#use(object.name, context, "member");
      return;
    }
    this.walk(object, context);
    if (computed || property.type === "PrivateIdentifier") this.walk(property, context);
  }

  #call(node: Extract<AnyNode, { type: "CallExpression" }>, context: Context): void {
    if (node.callee.type === "Identifier" && !context.scope.declares(node.callee.name)) {
      const [first] = node.arguments;
      if (node.callee.name === "eval") this.#flags.usesEval = true;
      if (node.callee.name === viteImport) this.#dynamicImport(first);
    }
    this.walk(node.callee, context);
    this.#all(node.arguments, context);
  }

  #dynamicImport(source: AnyNode | undefined): void {
    if (source?.type !== "Literal" || typeof source.value !== "string") return;
    const { value: specifier, start, end } = source;
    this.#dynamicImports.push({ specifier, start, end });
  }

  #statement(node: AnyNode, context: Context): boolean {
    switch (node.type) {
      case "BlockStatement":
        this.#block(node.body, context);
        return true;
      case "ForStatement":
        this.#loop([node.init], [node.test, node.update, node.body], context);
        return true;
      case "ForInStatement":
      case "ForOfStatement":
        if (node.left.type === "VariableDeclaration") {
          this.#loop([node.left], [node.right, node.body], context);
        } else {
          this.#target(node.left, context);
          this.#all([node.right, node.body], context);
        }
        return true;
      case "SwitchStatement":
        this.#switch(node, context);
        return true;
      case "CatchClause":
        this.#catch(node, context);
        return true;
      case "VariableDeclarator":
        this.#pattern(node.id, context);
        this.walk(node.init, context);
        return true;
      case "LabeledStatement":
        this.walk(node.body, context);
        return true;
      case "WithStatement":
        this.walk(node.object, context);
        this.walk(node.body, { ...context, inWith: true });
        return true;
      default:
        return false;
    }
  }

  #switch(node: Extract<AnyNode, { type: "SwitchStatement" }>, context: Context): void {
    this.walk(node.discriminant, context);
    const scope = new Scope(context.scope);
    for (const branch of node.cases) declareBlock(branch.consequent, scope.names);
    for (const branch of node.cases) {
      this.#all([branch.test ?? null, ...branch.consequent], { ...context, scope });
    }
  }

  #catch(node: Extract<AnyNode, { type: "CatchClause" }>, context: Context): void {
    const scope = new Scope(context.scope);
    declarePattern(node.param ?? null, { kind: "catch", node }, scope.names);
    this.#pattern(node.param ?? null, { ...context, scope });
    this.walk(node.body, { ...context, scope });
  }

  #block(body: readonly AnyNode[], context: Context): void {
    const scope = new Scope(context.scope);
    declareBlock(body, scope.names);
    this.#all(body, { ...context, scope });
  }

  #loop(
    heads: readonly (AnyNode | null | undefined)[],
    rest: readonly (AnyNode | null | undefined)[],
    context: Context,
  ): void {
    const scope = new Scope(context.scope);
    const inner = { ...context, scope };
    for (const head of heads) if (head) declareBlock([head], scope.names);
    for (const node of [...heads, ...rest]) this.walk(node, inner);
  }

  #function(node: FunctionNode, context: Context): void {
    const isRoot = node === this.#root;
    const arrow = node.type === "ArrowFunctionExpression";
    const body: readonly AnyNode[] = node.body.type === "BlockStatement" ? node.body.body : [];
    const named = new Scope(context.scope);
    if (!arrow && node.id && (isRoot || node.type === "FunctionExpression")) {
      named.names.set(node.id.name, { kind: "function", node });
    }
    const strict = context.strict || hasUseStrict(body);
    const parameters = new Scope(named);
    for (const parameter of node.params) {
      declarePattern(parameter, { kind: "parameter", node: parameter }, parameters.names);
    }
    const inner: Context = {
      ...context,
      scope: parameters,
      ownThis: context.ownThis || !arrow,
      rootThis: arrow ? context.rootThis : isRoot,
      ownArguments: context.ownArguments || !arrow,
      strict,
    };
    for (const parameter of node.params) this.#pattern(parameter, inner);
    if (node.body.type !== "BlockStatement") {
      this.walk(node.body, inner);
      return;
    }
    const scope = new Scope(parameters);
    declareHoisted(body, strict, scope.names);
    declareBlock(body, scope.names);
    this.#all(body, { ...inner, scope });
  }

  #class(node: ClassNode, context: Context): void {
    const scope = new Scope(context.scope);
    if (node.id) scope.names.set(node.id.name, { kind: "class", node });
    const outer = { ...context, scope, strict: true };
    // What the class itself extends is captured as the parent it has, not as an expression.
    if (node !== this.#root) this.walk(node.superClass, outer);
    for (const member of node.body.body) {
      if (member.type !== "StaticBlock" && member.key.type === "PrivateIdentifier") {
        scope.privateNames.add(member.key.name);
      }
    }
    const inner: Context = {
      ...outer,
      ownThis: true,
      rootThis: false,
      ownArguments: true,
      inClass: true,
    };
    for (const member of node.body.body) {
      if (member.type === "StaticBlock") {
        const block = new Scope(scope);
        declareHoisted(member.body, true, block.names);
        declareBlock(member.body, block.names);
        this.#all(member.body, { ...inner, scope: block });
        continue;
      }
      if (member.computed) this.walk(member.key, outer);
      const atOnce = member.type === "PropertyDefinition" && member.static;
      this.walk(member.value, { ...inner, eager: context.eager && atOnce });
    }
  }

  /** Walks the defaults and computed keys of a declaring pattern; its names are no uses. */
  #pattern(pattern: AnyNode | null, context: Context): void {
    this.#patternParts(pattern, context, () => {});
  }

  /** Walks an assignment target: its names are uses that assign. */
  #target(pattern: AnyNode, context: Context): void {
    this.#patternParts(pattern, context, (name) => {
      if (!context.scope.declares(name)) this.#assigned.add(name);
      this.#use(name, context);
    });
  }

  #patternParts(pattern: AnyNode | null, context: Context, onName: (name: string) => void): void {
    switch (pattern?.type) {
      case undefined:
        return;
      case "Identifier":
        onName(pattern.name);
        return;
      case "ObjectPattern":
        for (const property of pattern.properties) {
          if (property.type === "RestElement") {
            this.#patternParts(property.argument, context, onName);
            continue;
          }
          if (property.computed) this.walk(property.key, context);
          this.#patternParts(property.value, context, onName);
        }
        return;
      case "ArrayPattern":
        for (const element of pattern.elements) this.#patternParts(element, context, onName);
        return;
      case "AssignmentPattern":
        this.#patternParts(pattern.left, context, onName);
        this.walk(pattern.right, context);
        return;
      case "RestElement":
        this.#patternParts(pattern.argument, context, onName);
        return;
      default:
        this.walk(pattern, context);
    }
  }

  #use(name: string, context: Context, how: "whole" | "member" | "typeof" = "whole"): void {
    if (context.scope.declares(name)) return;
    if (name === "arguments") {
      if (!context.ownArguments) this.#flags.usesOuterArguments = true;
      return;
    }
    this.#names.add(name);
    if (how !== "member") this.#wholeUses.add(name);
    // Inside `with`, the name may be a property; if nothing declares it, that is what it is.
    if (how !== "typeof" && !context.inWith) this.#plainUses.add(name);
    if (context.eager) this.#eager.add(name);
  }
}

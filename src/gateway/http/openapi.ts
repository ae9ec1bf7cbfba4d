import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { html } from 'hono/html'
import { ProblemError } from '../../kernel/problem.ts'
import type { App, Routes } from './deps.ts'
import { notFound } from './problem.ts'
import { type Role, routeTable } from './routes.ts'

const schemes: Readonly<Partial<Record<Role, string>>> = {
  reader: 'reader',
  librarian: 'staff',
  manager: 'staff',
  auditor: 'staff',
  administrator: 'staff',
  device: 'device',
  partner: 'partner',
}

const securitySchemes = {
  reader: {
    type: 'apiKey',
    in: 'cookie',
    name: 'shuqiao_session',
    description: "读者登录后的会话。 A reader's session. Writes also need the header `X-Shuqiao: 1`.",
  },
  staff: {
    type: 'apiKey',
    in: 'cookie',
    name: 'shuqiao_staff',
    description: '馆员登录后的会话。 A session of staff. Writes also need the header `X-Shuqiao: 1`.',
  },
  device: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: '`Device <key>`：自助柜的密钥。 The key of a locker screen.',
  },
  partner: { type: 'http', scheme: 'bearer', description: '合作方的密钥。 The key of another system.' },
} as const

/** The OpenAPI 3.1 description of every route the app has, with who may use it. */
export const openApiDocument = (app: App): object => {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: '书桥 Shuqiao',
      version: '0.1.0',
      description:
        '公共图书馆网上借阅网关。错误一律为 application/problem+json。\n\nOnline lending for public libraries. Every error is application/problem+json.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
  })
  for (const { method, path, roles } of routeTable) {
    const operation = document.paths?.[path]?.[method.toLowerCase() as 'get']
    if (!operation) continue
    const used = [...new Set(roles.flatMap(role => schemes[role] ?? []))]
    Object.assign(operation, { 'x-roles': roles, security: used.map(scheme => ({ [scheme]: [] })) })
  }
  return { ...document, components: { ...document.components, securitySchemes } }
}

const assets: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
}
const startScript = `window.onload = () => {
  window.ui = SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference', deepLinking: true })
}
`

/** /openapi.json, and /reference to browse it: the page loads nothing from elsewhere. */
export const openApiRoutes: Routes = app => {
  let document: object | undefined
  app.get('/openapi.json', c => {
    document ??= openApiDocument(app)
    return c.json(document)
  })
  app.get('/reference', c =>
    c.html(html`<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>书桥 · 接口</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/reference/favicon-32x32.png">
<link rel="stylesheet" href="/reference/swagger-ui.css"></head>
<body><div id="reference"></div>
<script src="/reference/swagger-ui-bundle.js"></script><script src="/reference/start.js"></script></body>
</html>`),
  )
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  app.get('/reference/:file', async c => {
    const file = c.req.param('file')
    if (file === 'start.js')
      return c.body(startScript, 200, { 'Content-Type': 'text/javascript; charset=utf-8' })
    const type = assets[file]
    if (!type) throw new ProblemError(notFound)
    return c.body(await readFile(join(folder, file)), 200, {
      'Content-Type': type,
      'Cache-Control': 'public, max-age=86400',
    })
  })
}

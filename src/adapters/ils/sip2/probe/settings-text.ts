import { Document, type Scalar } from 'yaml'
import type { Closest } from './closest.ts'
import type { Facts } from './facts.ts'
import type { Given } from './given.ts'

/**
 * The `ils:` section of a settings file, ready to be pasted. Passwords never stand in it: it names the variable
 * of the environment that is to hold one.
 */
export const settingsText = (
  given: Given,
  facts: Facts,
  { dialect, alike, differs }: Closest,
  head: readonly string[],
): string => {
  const login =
    facts.login.outcome === 'well' && given.user !== undefined
      ? {
          user: given.user,
          // biome-ignore lint/suspicious/noTemplateCurlyInString: a place holder of the settings file
          password: '${SIP2_PASSWORD}',
          ...(given.location === '' ? {} : { location: given.location }),
        }
      : undefined
  const settings = {
    ils: {
      driver: 'sip2',
      host: given.host,
      port: given.port,
      ...(facts.tls === 'no' ? {} : { tls: given.tlsSettings }),
      dialect: dialect.name,
      ...(login ? { login } : {}),
      ...(given.institution === undefined ? {} : { institution: given.institution }),
      ...(given.location === '' ? {} : { location: given.location }),
      ...(Object.keys(differs).length === 0 ? {} : { profile: differs }),
    },
  }
  const document = new Document(settings)
  document.commentBefore = head.map(line => ` ${line}`).join('\n')
  if (alike.length > 0) {
    const name = document.getIn(['ils', 'dialect'], true) as Scalar
    name.comment = ` ${alike.map(one => one.name).join(', ')}`
  }
  return document.toString({ lineWidth: 110, flowCollectionPadding: true })
}

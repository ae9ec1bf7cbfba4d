import {
  provisioningTopic,
  readProvisioned,
  registerTopic,
  stamp,
  writeMessage,
} from '../../lockers/vendors/open-locker-messages.ts'

export interface OpenLockerRegistering {
  readonly url: string
  /** The user that all cabinets without credentials share. */
  readonly username: string
  readonly password: string
  readonly clientId: string
  readonly token: string
  readonly now: number
  /** How often the same request is sent before the answer is waited for. */
  readonly times?: number
}

/** What a cabinet does that has no credentials yet. Rejects with the broker's reason, or with the answer's. */
export const registerOpenLocker = async (
  how: OpenLockerRegistering,
): Promise<{ readonly username: string; readonly password: string }> => {
  const { default: mqtt } = await import('mqtt')
  const { clientId, username, password } = how
  const client = mqtt.connect(how.url, {
    protocolVersion: 4,
    clientId,
    username,
    password,
    reconnectPeriod: 0,
    timerVariant: 'native',
  })
  try {
    return await new Promise((resolve, reject) => {
      client.on('error', reject)
      client.on('close', () => reject(new Error('the broker has cut the connection')))
      client.on('message', (_, payload) => {
        const said = readProvisioned(payload)
        if (said?.status === 'success')
          resolve({ username: said.data.mqtt_user, password: said.data.mqtt_password })
        else reject(new Error(said?.message ?? 'the answer cannot be read'))
      })
      client.on('connect', () => {
        client.subscribe(provisioningTopic(clientId), { qos: 1 }, error => {
          if (error) return reject(error)
          const request = { message_id: `${clientId}-1`, client_id: clientId, timestamp: stamp(how.now) }
          for (let time = 0; time < (how.times ?? 1); time++)
            client.publish(registerTopic(how.token), writeMessage(request), { qos: 1 })
        })
      })
    })
  } finally {
    client.end(true)
  }
}

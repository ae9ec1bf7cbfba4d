import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '../base/base.css'
import '../base/acts.css'
import './kiosk.css'
import { actAsDevice } from '../base/api.ts'
import { applySettings } from '../base/settings.ts'
import { Speaks } from '../base/words.tsx'
import { App } from './app.tsx'
import { deviceKey } from './key.ts'

applySettings()
const key = deviceKey()
if (key) actAsDevice(key)
createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <Speaks>
      <App registered={key !== null} />
    </Speaks>
  </StrictMode>,
)

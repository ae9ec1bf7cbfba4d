import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '../base/base.css'
import '../base/acts.css'
import './guide.css'
import { applySettings } from '../base/settings.ts'
import { Speaks } from '../base/words.tsx'
import { App } from './app.tsx'

applySettings()
createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <Speaks>
      <App />
    </Speaks>
  </StrictMode>,
)

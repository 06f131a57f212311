import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiClient } from './api/apiClient.ts';
import { ConsoleContext } from './console.ts';
import { Feed } from './live/feed.ts';
import { Fleet } from './live/fleet.ts';
import { handleKey } from './shell/keys.ts';
import { Shell } from './shell/Shell.tsx';

const client = new ApiClient();
const fleet = new Fleet();
const feed = new Feed(client, fleet);

const place = document.getElementById('console');
if (place === null) throw new Error('index.html has no element #console');
createRoot(place).render(
  <StrictMode>
    <ConsoleContext value={{ client, feed, fleet }}>
      <Shell />
    </ConsoleContext>
  </StrictMode>,
);
document.addEventListener('keydown', handleKey);
void feed.run();

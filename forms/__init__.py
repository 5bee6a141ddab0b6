"""What a form is and what an answer means. Pure: no Flask, no SQL, no network."""

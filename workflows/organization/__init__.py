"""Keep units, people, their offices and absences, and the working calendar. Begin with `register/`."""
